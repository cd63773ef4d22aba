import { ClientError } from "../client/error.ts";
import { follow } from "../client/follow.ts";
import type { Requests } from "../client/requests.ts";
import { AgentError } from "../errors.ts";
import type { Unavailable } from "../feed/unavailable.ts";
import { EXEC_ATTACH_AGAIN_MS, EXEC_LOOK_AGAIN_MS } from "../limits.ts";
import { indexPayload, type PayloadIndex } from "../store/payload-index.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { SecretsChange, SecretsFeed } from "./secrets-feed.ts";

export interface AttachedFeedOptions {
  readonly requests: Requests;
  readonly clock: Clock;
  readonly log: Log;
  /** The agent refuses the only token there is, and never took it. */
  readonly onRefused: (error: AgentError) => void;
}

/** As it was packed: a flat name does not tell where the namespace ends. */
const PATH = "/v1/secrets";

/** The secrets of an agent that runs already, whose changes are heard by waiting requests (contract, section 8). */
export class AttachedFeed implements SecretsFeed {
  readonly #options: AttachedFeedOptions;
  readonly #stopped = new AbortController();
  readonly #subscribers = new Set<(change: SecretsChange) => void>();
  #served = false;
  #trouble: ClientError | undefined;

  constructor(options: AttachedFeedOptions) {
    this.#options = options;
  }

  /** Whether the agent has served secrets at all. */
  get served(): boolean {
    return this.#served;
  }

  /** Why it serves none at this moment. */
  get trouble(): string | undefined {
    return this.#trouble?.message;
  }

  /** Follows the agent from now on, wherever it goes and comes back. */
  async follow(): Promise<void> {
    const { signal } = this.#stopped;
    const { clock } = this.#options;
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const next = await this.#followOnce();
      if (next === "over") return;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await new Promise<void>((resolve) => void clock.after(next, resolve));
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  readonly use: SecretsFeed["use"] = async (look) => {
    let body;
    try {
      body = await this.#options.requests.get(PATH, this.#stopped.signal);
    } catch (error) {
      if (error instanceof ClientError) return this.#unavailable(error);
      throw error;
    }
    try {
      const index = indexOf(body);
      if (index instanceof ClientError) {
        this.#tellTrouble(index);
        return this.#unavailable(index);
      }
      return { kind: "used", value: look({ index, nested: body }) };
    } finally {
      body.fill(0);
    }
  };

  subscribe(subscriber: (change: SecretsChange) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  /** @returns milliseconds until it is followed again, unless there is nothing more to follow. */
  async #followOnce(): Promise<number | "over"> {
    const { signal } = this.#stopped;
    const { requests } = this.#options;
    const onTrouble = (error: ClientError): void => this.#tellTrouble(error);
    try {
      for await (const body of follow(requests, PATH, { signal, onTrouble })) {
        const index = indexOf(body);
        // Whoever hears of it reads what is there then.
        body.fill(0);
        if (index instanceof ClientError) {
          // Not asked about changes of that, which would show it the token without a pause.
          this.#tellTrouble(index);
          return EXEC_LOOK_AGAIN_MS;
        }
        this.#tellServing();
      }
      return "over";
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === "aborted") return "over";
      if (error.code === "revoked") {
        this.#options.log.error(error.message, { code: "revoked" });
        this.#tell({ kind: "ended", reason: "revoked" });
        return "over";
      }
      // A file may not hold the right token yet; the time to start ends that.
      if (!this.#served && !requests.tokenChanges) {
        this.#options.onRefused(new AgentError("agent_unavailable", error.message));
        return "over";
      }
      this.#tellTrouble(error);
      return this.#served ? EXEC_ATTACH_AGAIN_MS : EXEC_LOOK_AGAIN_MS;
    }
  }

  /** Once for each kind of trouble, until it is over. */
  #tellTrouble(error: ClientError): void {
    const isKnown = this.#trouble?.code === error.code;
    this.#trouble = error;
    if (isKnown) return;
    const { log } = this.#options;
    log.warn(`${error.message}; trying again`, { code: "agent_unavailable", reason: error.code });
  }

  #tellServing(): void {
    if (this.#trouble !== undefined) this.#options.log.warn("the agent serves secrets again");
    this.#trouble = undefined;
    this.#served = true;
    this.#tell({ kind: "serving" });
  }

  #tell(change: SecretsChange): void {
    for (const subscriber of this.#subscribers) subscriber(change);
  }

  /** What is over is heard of by whoever follows; only a request that got lost may be the only one that did. */
  #unavailable({ code }: ClientError): {
    readonly kind: "unavailable";
    readonly reason: Unavailable;
  } {
    switch (code) {
      case "revoked":
      case "refresh_failed":
      case "decryption_failed":
      case "busy":
        return { kind: "unavailable", reason: code };
      case "expired":
        return { kind: "unavailable", reason: "cache_expired" };
      case "not_loaded":
        break;
      default:
        this.#options.clock.after(EXEC_LOOK_AGAIN_MS, () => this.#tell({ kind: "serving" }));
    }
    return { kind: "unavailable", reason: "not_loaded" };
  }
}

/** Whoever listens where the agent was must not stop the command by what it says. */
function indexOf(body: Buffer): PayloadIndex | ClientError {
  try {
    return indexPayload(body);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return new ClientError("unexpected_answer", "what answers in the agent's place is no agent");
  }
}
