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
export type Authority =
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
  readonly #holdUntilMs: number;
  #served = false;
  /** Whether the last secrets that could be read hold headers. */
  #needed: "unknown" | "yes" | "no" = "unknown";
  #waitsForSecrets = false;
  #kept: readonly (readonly [string, Buffer])[] | undefined;
  #end: Timer | undefined;
  #problem: string | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#holdUntilMs = options.clock.now().monoMs + TELEMETRY_HOLD_MS;
  }

  /** Secrets are served that were not before. */
  async renewed(): Promise<void> {
    this.#served = true;
    this.#waitsForSecrets = false;
    this.#end?.cancel();
    this.#end = undefined;
    if (this.#options.keep) await this.#read();
  }

  /** The secrets are gone; what was kept of them goes a little later. */
  ended(): void {
    if (this.#kept === undefined || this.#end !== undefined) return;
    this.#end = this.#options.clock.after(TELEMETRY_LAST_WORDS_MS, () => this.wipe());
  }

  async authority(): Promise<Authority> {
    if (this.#waitsForSecrets) return { kind: "wait", ms: undefined };
    if (!this.#served) {
      const ms = this.#holdUntilMs - this.#options.clock.now().monoMs;
      if (ms > 0) return { kind: "wait", ms };
      return { kind: "send", headers: {} };
    }
    const headers = (await this.#read()) ?? this.#fromKept();
    if (headers !== undefined) return { kind: "send", headers };
    switch (this.#needed) {
      case "yes":
        return { kind: "wait", ms: undefined };
      case "unknown":
        return { kind: "wait", ms: TELEMETRY_HOLD_MS };
      case "no":
        return { kind: "send", headers: {} };
    }
  }

  /**
   * The collector did not accept what it was sent with.
   *
   * @returns whether there may be better headers later, so that it is worth keeping the records.
   */
  refused(): boolean {
    if (!this.#served) this.#waitsForSecrets = true;
    return !this.#served;
  }

  wipe(): void {
    this.#end?.cancel();
    this.#end = undefined;
    for (const [, value] of this.#kept ?? []) value.fill(0);
    this.#kept = undefined;
  }

  /** @returns undefined where there are no secrets to read them from. */
  async #read(): Promise<Headers | undefined> {
    const headers = await this.#options.useSecrets((secrets) => this.#headersIn(secrets));
    if (headers === undefined) return undefined;
    this.#needed = Object.keys(headers).length > 0 ? "yes" : "no";
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
