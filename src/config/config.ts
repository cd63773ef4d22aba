import type { AgeIdentity } from "../keys/age-identities.ts";
import type { VerifyKey } from "../keys/verify-keys.ts";
import type { NetworkSettings } from "../net/settings.ts";
import type { FilesConfig } from "./files.ts";
import type { Address, Listening } from "./listeners.ts";
import type { SourceConfig } from "./source.ts";
import type { StartConfig } from "./start.ts";
import type { AddedAttributes, TelemetryConfig } from "./telemetry.ts";
import type { TokenConfig } from "./token.ts";

export type Mode = { readonly kind: "cached"; readonly ttlMs: number } | { readonly kind: "jit" };

/** A path that the configuration names and whose safety it rests on. */
export interface GuardedPath {
  readonly variable: string;
  readonly path: string;
}

/** Everything the environment decides, checked; nothing later reads the environment. */
export interface Config extends Listening, StartConfig {
  readonly source: SourceConfig;
  /** Whom the artifact must be packed for; undefined accepts anyone. */
  readonly expected: {
    readonly identity: string | undefined;
    readonly environment: string | undefined;
  };
  readonly ageIdentities: readonly AgeIdentity[];
  /** Empty where signatures are not asked for. */
  readonly verifyKeys: readonly VerifyKey[];
  readonly token: TokenConfig;
  /** Undefined is a random UUID. */
  readonly agentId: string | undefined;
  readonly mode: Mode;
  readonly cachePath: string | undefined;
  /** Undefined where no files are asked for. */
  readonly files: FilesConfig | undefined;
  /** Undefined where none is sent. */
  readonly telemetry: TelemetryConfig | undefined;
  /** What telemetry and scraped metrics say of the agent beside what it knows itself. */
  readonly resource: AddedAttributes;
  /** Proxies, certificates to trust, the client certificate. */
  readonly network: NetworkSettings;
  readonly probeListen: Address | undefined;
  /** Files and directories that nobody else may change: of keys, tokens and the cache. */
  readonly guarded: readonly GuardedPath[];
  /** What an operator should know of, one line each; nothing here stops the agent. */
  readonly warnings: readonly string[];
}
