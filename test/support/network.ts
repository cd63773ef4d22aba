import { EnvReader } from "../../src/config/env-reader.ts";
import { readNetwork } from "../../src/config/network.ts";
import { readSmallFile } from "../../src/config/small-file.ts";
import type { KmsParts } from "../../src/kms/kms.ts";
import { Network } from "../../src/net/network.ts";
import { PLAIN_NETWORK } from "../../src/net/settings.ts";

/** No proxy, and nothing trusted that Node.js and this machine do not trust. */
export const DIRECT: Network = Network.open(PLAIN_NETWORK, () => undefined);

/** The network as an environment says that it is; warnings are thrown. */
export function networkIn(env: Readonly<Record<string, string | undefined>>): Network {
  const reader = new EnvReader(env, readSmallFile);
  const { network, warnings } = readNetwork(env, reader, readSmallFile);
  const [problem] = [...reader.errors.map(({ message }) => message), ...warnings];
  if (problem !== undefined) throw new Error(problem);
  return Network.open(network, (warning) => {
    throw new Error(warning);
  });
}

/** For a KMS that is found by the environment of this process. */
export function kmsPartsHere(signal: AbortSignal = new AbortController().signal): KmsParts {
  // Hundreds of files that this machine may have there would be looked at before each request.
  return { signal, network: networkIn({ ...process.env, SSL_CERT_DIR: undefined }) };
}
