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

/** What tells this agent's telemetry from others': the attributes of its resource (contract, section 6). */
export class About {
  readonly #added: Readonly<Record<string, string>>;
  #subject: Subject;

  /** @param added - by the operator. */
  constructor(subject: Subject, added: Readonly<Record<string, string>>) {
    this.#subject = subject;
    this.#added = added;
  }

  /** Where the configuration does not say whom the secrets are for, the artifact does. */
  serving(packedFor: { readonly identity: string; readonly environment: string }): void {
    const { identity, environment } = this.#subject;
    this.#subject = {
      ...this.#subject,
      identity: identity ?? packedFor.identity,
      environment: environment ?? packedFor.environment,
    };
  }

  /**
   * What the operator added comes first, what the contract fixes last. Without an instance id the metrics
   * of two agents would be one series.
   */
  get attributes(): Readonly<Record<string, string>> {
    const { agentId, sourceType } = this.#subject;
    return {
      [ATTR_SERVICE_INSTANCE_ID]: agentId,
      ...this.#added,
      [ATTR_SERVICE_NAME]: "clef-agent",
      [ATTR_SERVICE_VERSION]: VERSION,
      "clef.agent.id": agentId,
      ...this.labels,
      "clef.source.type": sourceType,
    };
  }

  /** Whom the agent serves, as far as it is known: what its series are grouped by. */
  get labels(): Readonly<Record<string, string>> {
    const { identity, environment } = this.#subject;
    return {
      ...(identity === undefined ? {} : { "clef.identity": identity }),
      ...(environment === undefined ? {} : { "clef.environment": environment }),
    };
  }
}
