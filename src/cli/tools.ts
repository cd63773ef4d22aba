import { inspect, verify } from "./inspect.ts";
import type { Command } from "./io.ts";
import { keygen } from "./keygen.ts";
import { pack } from "./pack.ts";
import { revoke } from "./revoke.ts";

/** The commands that people run by hand, loaded together: the agent and its probe never need them. */
export const TOOLS: ReadonlyMap<string, Command> = new Map([
  ["pack", pack],
  ["keygen", keygen],
  ["inspect", inspect],
  ["verify", verify],
  ["revoke", revoke],
]);
