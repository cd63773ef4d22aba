import { TELEMETRY_HOLD_MS, TELEMETRY_LAST_WORDS_MS } from "../limits.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { Clock, Timer } from "../system/clock.ts";
import { headersIn } from "./secret-headers.ts";

type Headers = Readonly<Record<string, string>>;

/** Lets `use` look at the secrets that are served now; undefined where there are none. */
export type UseSecrets = <Result>(
  use: (secrets: Snapshot) => Result,
) => Promise<Result | undefined>;

/** Whether to send now, with these headers, or to wait for better ones. */
export type SendDecision =
  | { readonly kind: "send"; readonly headers: Headers }
  /** At most so many milliseconds, or until secrets are served. */
  | { readonly kind: "wait"; readonly ms: number | undefined };

export interface CredentialsOptions {
  readonly useSecrets: UseSecrets;
  /** Whether the headers may be kept between two requests, so that they can outlive the secrets a little. */
  readonly keep: boolean;
  readonly clock: Clock;
  /** Told what is wrong with the headers in the secrets. */
  readonly warn: (problem: string) => void;
}

/** What is known of the secrets that hold the headers. */
type Secrets =
  /** None were served yet; requests wait for them until then. */
  | { readonly kind: "awaited"; readonly untilMs: number }
  /** None were served yet, and the collector takes nothing without. */
  | { readonly kind: "demanded" }
  /** Whether the last ones that could be read hold headers. */
  | { readonly kind: "served"; readonly headers: "unknown" | "some" | "none" };

/**
 * The headers for the collector, from the secrets that are served. They are read for every request,
 * so that they follow a rotation.
 *
 * Where secrets are kept in memory anyway, a copy of the headers is kept beside them as bytes. It
 * outlives them by `TELEMETRY_LAST_WORDS_MS`, so that the collector hears of a revocation, and is
 * then overwritten. In just-in-time mode nothing is kept.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  #secrets: Secrets;
  #kept: readonly (readonly [string, Buffer])[] | undefined;
  #end: Timer | undefined;
  #problem: string | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    const untilMs = options.clock.now().monoMs + TELEMETRY_HOLD_MS;
    this.#secrets = { kind: "awaited", untilMs };
  }

  /** Secrets are served that were not before. */
  async renewed(): Promise<void> {
    if (this.#secrets.kind !== "served") this.#secrets = { kind: "served", headers: "unknown" };
    this.#end?.cancel();
    this.#end = undefined;
    if (this.#options.keep) await this.#read();
  }

  /** The secrets are gone; what was kept of them goes a little later. */
  ended(): void {
    if (this.#kept === undefined || this.#end !== undefined) return;
    this.#end = this.#options.clock.after(TELEMETRY_LAST_WORDS_MS, () => this.wipe());
  }

  async decide(): Promise<SendDecision> {
    switch (this.#secrets.kind) {
      case "awaited": {
        const ms = this.#secrets.untilMs - this.#options.clock.now().monoMs;
        return ms > 0 ? { kind: "wait", ms } : { kind: "send", headers: {} };
      }
      case "demanded":
        return { kind: "wait", ms: undefined };
      case "served": {
        const headers = (await this.#read()) ?? this.#fromKept();
        return headers === undefined ? this.#withoutAny() : { kind: "send", headers };
      }
    }
  }

  /**
   * The collector did not accept what it was sent with.
   *
   * @returns whether there may be better headers later, so that it is worth keeping the records.
   */
  refused(): boolean {
    if (this.#secrets.kind === "served") return false;
    this.#secrets = { kind: "demanded" };
    return true;
  }

  wipe(): void {
    this.#end?.cancel();
    this.#end = undefined;
    for (const [, value] of this.#kept ?? []) value.fill(0);
    this.#kept = undefined;
  }

  /** The secrets are gone, and so is what was kept of them. */
  #withoutAny(): SendDecision {
    const headers = this.#secrets.kind === "served" ? this.#secrets.headers : "unknown";
    switch (headers) {
      case "some":
        return { kind: "wait", ms: undefined };
      case "unknown":
        return { kind: "wait", ms: TELEMETRY_HOLD_MS };
      case "none":
        return { kind: "send", headers: {} };
    }
  }

  /** @returns undefined where there are no secrets to read them from. */
  #read(): Promise<Headers | undefined> {
    // Kept while the secrets are there: a moment later they may have ended, and these would stay.
    return this.#options.useSecrets((secrets) => this.#take(secrets));
  }

  #take(secrets: Snapshot): Headers {
    const headers = this.#headersIn(secrets);
    const some = Object.keys(headers).length > 0;
    this.#secrets = { kind: "served", headers: some ? "some" : "none" };
    if (this.#options.keep) {
      this.wipe();
      this.#kept = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]);
    }
    return headers;
  }

  #headersIn(secrets: Snapshot): Headers {
    try {
      const headers = headersIn(secrets);
      this.#problem = undefined;
      return headers;
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unreadable";
      if (problem !== this.#problem) this.#options.warn(problem);
      this.#problem = problem;
      return {};
    }
  }

  #fromKept(): Headers | undefined {
    if (this.#kept === undefined) return undefined;
    return Object.fromEntries(this.#kept.map(([name, value]) => [name, value.toString()]));
  }
}
