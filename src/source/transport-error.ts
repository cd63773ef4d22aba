import { AgentError, type SourceCode } from "../errors.ts";
import type { Failed, Failure } from "../net/outcome.ts";

const FAILURE_CODES: Readonly<Record<Failure, SourceCode>> = {
  unreachable: "source_unreachable",
  timeout: "source_timeout",
  // What is asked for cannot be reached; the message says through what.
  proxy: "source_unreachable",
  untrusted: "source_untrusted",
  refused: "source_unauthorized",
  dropped: "source_truncated",
  too_large: "source_too_large",
  redirect: "source_redirect",
  stopped: "source_unreachable",
};

/** An exchange that failed, as the error of a source whose address `variable` holds. */
export function transportError({ failure, problem }: Failed, variable: string): AgentError {
  const advice =
    failure === "unreachable" ? `; check the address in ${variable} and the network` : "";
  return new AgentError(FAILURE_CODES[failure], `${problem}${advice}`);
}
