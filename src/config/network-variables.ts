import type { VariableName } from "./variables.ts";

/** The variables of others that say what the network is like (contract, section 11). */
export const NETWORK_VARIABLES: readonly string[] = [
  "https_proxy",
  "HTTPS_PROXY",
  "http_proxy",
  "HTTP_PROXY",
  "no_proxy",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "AWS_CA_BUNDLE",
  "AWS_LAMBDA_RUNTIME_API",
];

/** The agent's own. */
export const OWN_NETWORK_VARIABLES: readonly VariableName[] = [
  "CLEF_AGENT_CA_FILE",
  "CLEF_AGENT_CA_ONLY",
  "CLEF_AGENT_CLIENT_CERT_FILE",
  "CLEF_AGENT_CLIENT_KEY_FILE",
];
