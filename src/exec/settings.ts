import type { SignalName } from "./signals.ts";

/** A secret that is set under a name of the user's choice. */
export interface Mapping {
  /** The flat name of the secret. */
  readonly name: string;
  readonly variable: string;
}

/** Which secrets are handed over, and under which names. */
export interface Choice {
  /** Empty is all of them, by flat names. */
  readonly namespaces: readonly string[];
  /** Patterns of names as they would be set; empty is all. */
  readonly only: readonly string[];
  readonly maps: readonly Mapping[];
  readonly shellNames: boolean;
}

/** What is done when the set that would be handed over differs (contract, section 8). */
export type OnChange =
  | { readonly kind: "restart" }
  | { readonly kind: "signal"; readonly signal: SignalName }
  | { readonly kind: "ignore" };

/** What the command line asks for (contract, section 8). */
export interface ExecSettings {
  /** The command and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly choice: Choice;
  /** Names of the closed list that are let through. */
  readonly allowedNames: readonly string[];
  readonly preserveEnv: boolean;
  readonly clearEnv: boolean;
  readonly onChange: OnChange;
  readonly splayMs: number;
  readonly stopSignal: SignalName;
  readonly stopTimeoutMs: number;
  /** Whether the secrets are handed over at all. */
  readonly handsOver: boolean;
  /** Whether the command can reach an agent. */
  readonly api: boolean;
}
