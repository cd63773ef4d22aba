import { Network } from "../../../src/net/network.ts";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";
import type { Answers } from "./raw-answers.ts";

/** A network on which every address leads to that server, in the clear: its host becomes the first part of the path. */
export function networkTo({ port }: Answers): Network {
  const plain = Network.open(PLAIN_NETWORK, () => undefined);
  const here = ({ host, pathname, search }: URL): URL =>
    new URL(`http://127.0.0.1:${port}/${host}${pathname}${search}`);
  return Object.assign(
    Network.open(PLAIN_NETWORK, () => undefined),
    {
      way: (url: URL, secret: boolean) => plain.way(here(url), secret),
    } satisfies Pick<Network, "way">,
  );
}
