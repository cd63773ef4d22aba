import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from "@opentelemetry/semantic-conventions";
import { VERSION } from "../version.ts";

/** Whom the records are about. */
export interface Subject {
  readonly agentId: string;
  readonly sourceType: string;
  /** Undefined until it is known. */
  readonly identity: string | undefined;
  readonly environment: string | undefined;
}

export type Resource = ReturnType<typeof resourceFromAttributes>;

/**
 * The resource of everything that is sent (contract, section 6). What the operator added comes first,
 * what the contract fixes last. Without an instance id the metrics of two agents would be one series.
 */
export function resourceOf(subject: Subject, added: Readonly<Record<string, string>>): Resource {
  const { agentId, sourceType, identity, environment } = subject;
  return resourceFromAttributes({
    [ATTR_SERVICE_INSTANCE_ID]: agentId,
    ...added,
    [ATTR_SERVICE_NAME]: "clef-agent",
    [ATTR_SERVICE_VERSION]: VERSION,
    "clef.agent.id": agentId,
    ...(identity === undefined ? {} : { "clef.identity": identity }),
    ...(environment === undefined ? {} : { "clef.environment": environment }),
    "clef.source.type": sourceType,
  });
}

/** The instrumentation scope of all records. One object, as the serialisers group by it. */
export const SCOPE: { readonly name: string; readonly version: string } = {
  name: "clef.runtime",
  version: VERSION,
};
