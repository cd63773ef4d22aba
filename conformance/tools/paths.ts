/** Each path that gives something of `{ KEY: …, app: { KEY: … } }`, in each form. */
export const SECRETS_PATHS = [
  "/v1/secrets",
  "/v1/secrets?format=flat",
  "/v1/secrets/KEY",
  "/v1/secrets/app/KEY",
  "/v1/keys",
] as const;
