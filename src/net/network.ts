import type { NetworkSettings } from "./settings.ts";
import type { Asker, Way, Ways } from "./ways.ts";

type View = Omit<Asker, "secret">;

/**
 * What lies between the agent and everybody it asks: proxies, whom to trust, the client certificate
 * (contract, section 11). Nothing of it is loaded before the first request.
 */
export class Network {
  readonly #ways: () => Promise<Ways>;
  readonly #view: View;

  private constructor(ways: () => Promise<Ways>, view: View) {
    this.#ways = ways;
    this.#view = view;
  }

  /** @param warn - told of files that changed and cannot be used. */
  static open(settings: NetworkSettings, warn: (problem: string) => void): Network {
    let ways: Promise<Ways> | undefined;
    const load = (): Promise<Ways> =>
      (ways ??= import("./ways.ts").then((module) => new module.Ways(settings, warn)));
    return new Network(load, { aws: false, presentingTo: undefined });
  }

  /** The same for requests to AWS, for which `AWS_CA_BUNDLE` counts too. */
  aws(): Network {
    return new Network(this.#ways, { ...this.#view, aws: true });
  }

  /** The same for the source, which alone is shown the client certificate. */
  presentingTo({ origin }: URL): Network {
    return new Network(this.#ways, { ...this.#view, presentingTo: origin });
  }

  /** @throws Error fit for an operator where a file of certificates can no longer be used. */
  async way(url: URL, secret: boolean): Promise<Way> {
    return (await this.#ways()).to(url, { ...this.#view, secret });
  }
}
