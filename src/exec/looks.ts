import type { AgentError } from "../errors.ts";
import type { Unavailable } from "../feed/unavailable.ts";
import { EXEC_LOOK_AGAIN_MS } from "../limits.ts";
import type { Clock } from "../system/clock.ts";
import type { Environment } from "./environment.ts";
import { wipe } from "./hand-over.ts";
import { type Offer, Offers, type OffersOptions } from "./offers.ts";
import type { SecretsFeed } from "./secrets-feed.ts";

/** Where the secrets are looked at. */
export interface LookedAt {
  readonly feed: SecretsFeed;
  /** Where the command finds an agent, at this moment. */
  readonly address: () => Environment;
  /** Resolves once the files, if there are any, hold what is served. */
  readonly delivered: () => Promise<void>;
}

export interface LooksOptions extends OffersOptions {
  readonly clock: Clock;
  /** A set can be handed over; it is wiped when this returns. */
  readonly onOffered: (offer: Offer) => void;
  /** What is served cannot be handed over. */
  readonly onRefused: (problems: readonly AgentError[]) => void;
  readonly onRevoked: () => void;
}

/** Looks at what is served, at each change and whenever asked to, and says what the command could get. */
export class Looks {
  readonly #options: LooksOptions;
  readonly #offers: Offers;
  #looked: LookedAt | undefined;
  #looking = false;
  #again = false;

  constructor(options: LooksOptions) {
    this.#options = options;
    this.#offers = new Offers(options);
  }

  /** Looks now, and at every change from now on. */
  follow(looked: LookedAt): void {
    this.#looked = looked;
    looked.feed.subscribe((change) => {
      if (change.kind === "serving") this.look();
      if (change.kind === "ended" && change.reason === "revoked") this.#options.onRevoked();
    });
    this.look();
  }

  /** Looks, once at a time; what changed meanwhile is looked at in the next turn. */
  look(): void {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    void this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    while (this.#again && this.#looked !== undefined) {
      this.#again = false;
      const { feed, delivered, address } = this.#looked;
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      await delivered();
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      const used = await feed.use((secrets) => this.#offer(secrets, address()));
      if (used.kind === "unavailable") this.#unavailable(used.reason);
    }
    this.#looking = false;
  }

  #offer(secrets: Parameters<Offers["read"]>[0], address: Environment): void {
    const offer = this.#offers.read(secrets, address);
    if (offer.kind === "refused") {
      this.#options.onRefused(offer.problems);
      return;
    }
    try {
      this.#options.onOffered(offer);
    } finally {
      wipe(offer.handed);
    }
  }

  /** There is nothing to hand over now. What will come is heard of; what may be over soon is tried again. */
  #unavailable(reason: Unavailable): void {
    switch (reason) {
      case "not_loaded":
      case "cache_expired":
      case "artifact_expired":
        return;
      case "revoked":
        this.#options.onRevoked();
        return;
      case "decryption_failed":
      case "refresh_failed":
      case "busy":
        this.#options.log.warn(`no secrets can be handed over now (${reason}); trying again`);
        this.#options.clock.after(EXEC_LOOK_AGAIN_MS, () => this.look());
    }
  }
}
