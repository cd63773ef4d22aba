import { AgentError } from "../errors.ts";
import { KNOWN_NAMES } from "./variables.ts";

const PREFIX = "CLEF_AGENT_";

/**
 * What Kubernetes puts into every pod of a namespace that has a Service called `clef-agent`, or by a
 * longer name that begins so (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */
const SERVICE_LINK =
  /^CLEF_AGENT_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const SERVICE_LINK_PORT = /^CLEF_AGENT_(?:\w+_)?PORT$/;
const SERVICE_LINK_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** Whether this variable was put there by a Kubernetes service link and not by a person. */
export function isServiceLink(name: string, value: string): boolean {
  if (SERVICE_LINK.test(name)) return true;
  return SERVICE_LINK_PORT.test(name) && SERVICE_LINK_ADDRESS.test(value);
}

/** An error for every `CLEF_AGENT_…` name that nobody reads: a misspelt one must not pass unseen. */
export function unknownVariables(names: readonly string[]): readonly AgentError[] {
  return names
    .filter((name) => name.startsWith(PREFIX) && !KNOWN_NAMES.has(name))
    .map((name) => {
      const nearest = nearestName(name);
      return new AgentError(
        "config_unknown_variable",
        `${name} is not a variable of this agent; did you mean ${nearest}? Correct or remove it`,
      );
    });
}

function nearestName(name: string): string {
  let best = { name: "", distance: Number.POSITIVE_INFINITY };
  for (const known of KNOWN_NAMES) {
    const distance = editDistance(name, known);
    if (distance < best.distance) best = { name: known, distance };
  }
  return best.name;
}

/** Levenshtein distance, two rows at a time. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 0; row < from.length; row++) {
    const current = [row + 1];
    for (let column = 0; column < to.length; column++) {
      const substituted = (previous[column] ?? 0) + (from[row] === to[column] ? 0 : 1);
      const inserted = (current[column] ?? 0) + 1;
      const deleted = (previous[column + 1] ?? 0) + 1;
      current.push(Math.min(substituted, inserted, deleted));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
