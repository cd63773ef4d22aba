import { EnvReader } from "../config/env-reader.ts";
import { readNetwork } from "../config/network.ts";
import { readSmallFile } from "../config/small-file.ts";
import { AgentErrors } from "../errors.ts";
import type { NetworkSettings } from "../net/settings.ts";
import type { Io } from "./io.ts";

/** The network as a command finds it in its environment. @throws AgentErrors with all that is wrong with it. */
export function networkOf({ env, stderr }: Io): NetworkSettings {
  const reader = new EnvReader(env, readSmallFile);
  const { network, warnings } = readNetwork(env, reader, readSmallFile);
  if (reader.errors.length > 0) throw new AgentErrors(reader.errors);
  for (const warning of warnings) stderr(`warning: ${warning}\n`);
  return network;
}
