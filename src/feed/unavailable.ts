/** Why there are no secrets to serve. */
export type Unavailable =
  | "not_loaded"
  | "cache_expired"
  | "artifact_expired"
  | "revoked"
  | "refresh_failed"
  | "decryption_failed"
  | "busy";
