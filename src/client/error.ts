/**
 * Every way in which a call can fail.
 *
 * - `config_invalid`: an option or variable cannot be used
 * - `unreachable`: no agent answers there, or it is stopping
 * - `timeout`: it took the request and did not answer in time
 * - `aborted`: the caller's signal ended the call; `cause` is its reason
 * - `unauthorized`: the token is missing, unreadable or wrong
 * - `not_found`: there is no secret of that name
 * - `ambiguous`: several namespaces have that key; the message lists the names to choose from
 * - `not_loaded`: the agent has no secrets yet
 * - `expired`: it had some, and may not hand them out any longer
 * - `revoked`: the artifact was revoked
 * - `refresh_failed`: what it had has expired, and no newer one could be fetched just now
 * - `decryption_failed`: its key or its KMS did not open the artifact
 * - `busy`: too much at once, or too soon; `retryAfterMs` says when to come again
 * - `unexpected_answer`: what answers there is no agent, or one of another time
 */
export type ClientErrorCode =
  | "config_invalid"
  | "unreachable"
  | "timeout"
  | "aborted"
  | "unauthorized"
  | "not_found"
  | "ambiguous"
  | "not_loaded"
  | "expired"
  | "revoked"
  | "refresh_failed"
  | "decryption_failed"
  | "busy"
  | "unexpected_answer";

/** The only error that the client throws. Its message is one line, without a token or a value. */
export class ClientError extends Error {
  declare readonly code: ClientErrorCode;
  /** Milliseconds after which the agent wants to be asked again; 0 where it did not say. */
  declare readonly retryAfterMs: number;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions, retryAfterMs = 0) {
    super(message, options);
    this.name = "ClientError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
