/** `@clef-sh/agent/client`: the secrets of an agent on this machine, for applications. */
export type {
  CallOptions,
  Client,
  ReadyOptions,
  RefreshResult,
  Secrets,
  WatchOptions,
} from "./api.ts";
export { connect } from "./client.ts";
export { ClientError, type ClientErrorCode } from "./error.ts";
export type { ConnectOptions } from "./settings.ts";
