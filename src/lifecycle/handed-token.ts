import { readSmallFile } from "../config/small-file.ts";
import type { TokenConfig } from "../config/token.ts";
import type { Environment } from "../exec/environment.ts";
import { trimmed } from "../system/given-text.ts";
import type { Log } from "../telemetry/log.ts";

/** The token as the command gets it. */
export function tokenFor(token: TokenConfig, log: Log): Environment {
  switch (token.kind) {
    case "fixed":
      return { CLEF_AGENT_TOKEN: token.token };
    case "file":
      return tokenInFile(token.path, log);
    case "generated":
      return {};
  }
}

/** The token of this moment: the file may have changed since the last start. */
function tokenInFile(path: string, log: Log): Environment {
  try {
    return { CLEF_AGENT_TOKEN: trimmed(readSmallFile(path)) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : "it cannot be read";
    log.warn(`CLEF_AGENT_TOKEN_FILE: ${problem}; the command gets no token`);
    return {};
  }
}
