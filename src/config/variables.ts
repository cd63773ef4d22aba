/**
 * Every variable that the agent reads (contract, section 2). `fallback` is what holds when it is
 * unset, as the documentation writes it; with `file`, `<name>_FILE` names a file to read it from.
 */
export const VARIABLES = [
  { name: "CLEF_AGENT_SOURCE", fallback: "" },
  { name: "CLEF_AGENT_VCS_PROVIDER", fallback: "" },
  { name: "CLEF_AGENT_VCS_REPO", fallback: "" },
  { name: "CLEF_AGENT_VCS_TOKEN", fallback: "", file: true },
  { name: "CLEF_AGENT_VCS_IDENTITY", fallback: "" },
  { name: "CLEF_AGENT_VCS_ENVIRONMENT", fallback: "" },
  { name: "CLEF_AGENT_VCS_REF", fallback: "default branch" },
  { name: "CLEF_AGENT_VCS_API_URL", fallback: "the public service" },
  { name: "CLEF_AGENT_AGE_KEY", fallback: "", file: true },
  { name: "CLEF_AGENT_PORT", fallback: "7779" },
  { name: "CLEF_AGENT_TOKEN", fallback: "generated", file: true },
  { name: "CLEF_AGENT_ID", fallback: "random UUID" },
  { name: "CLEF_AGENT_CACHE_TTL", fallback: "300" },
  { name: "CLEF_AGENT_CACHE_PATH", fallback: "" },
  { name: "CLEF_AGENT_VERIFY_KEY", fallback: "" },
  { name: "CLEF_AGENT_IDENTITY", fallback: "CLEF_AGENT_VCS_IDENTITY" },
  { name: "CLEF_AGENT_ENVIRONMENT", fallback: "CLEF_AGENT_VCS_ENVIRONMENT" },
  { name: "CLEF_AGENT_TELEMETRY_URL", fallback: "" },
  { name: "CLEF_AGENT_STARTUP_TIMEOUT", fallback: "60" },
  { name: "CLEF_AGENT_PROBE_LISTEN", fallback: "" },
  { name: "CLEF_AGENT_SOCKET", fallback: "" },
  { name: "CLEF_AGENT_SOCKET_MODE", fallback: "0600" },
  // For clients: an agent that is started by the command of another one takes no notice of it.
  { name: "CLEF_AGENT_URL", fallback: "http://127.0.0.1:7779" },
  { name: "CLEF_AGENT_CA_FILE", fallback: "" },
  { name: "CLEF_AGENT_CA_ONLY", fallback: "false" },
  { name: "CLEF_AGENT_CLIENT_CERT_FILE", fallback: "" },
  { name: "CLEF_AGENT_CLIENT_KEY_FILE", fallback: "" },
  { name: "CLEF_AGENT_FILES_DIR", fallback: "" },
  { name: "CLEF_AGENT_FILES_FORMAT", fallback: "keys" },
  { name: "CLEF_AGENT_FILES_TEMPLATES", fallback: "" },
  { name: "CLEF_AGENT_FILES_MODE", fallback: "0440" },
  { name: "CLEF_AGENT_FILES_ON_DISK", fallback: "refuse" },
  { name: "CLEF_AGENT_LOG_LEVEL", fallback: "info" },
  { name: "CLEF_AGENT_LOG_FORMAT", fallback: "json, text on a terminal" },
] as const;

export type VariableName = (typeof VARIABLES)[number]["name"];
type FileVariable = Extract<(typeof VARIABLES)[number], { file: true }>["name"];
export type FileVariableName = `${FileVariable}_FILE`;

/** Every name that may stand in the environment, `_FILE` forms included. */
export const KNOWN_NAMES: ReadonlySet<string> = new Set(
  VARIABLES.flatMap((variable) =>
    "file" in variable ? [variable.name, `${variable.name}_FILE`] : [variable.name],
  ),
);

/** Keys may have several lines; in anything else a line break is a slip. */
export const ONE_LINE_NAMES: readonly string[] = [...KNOWN_NAMES].filter(
  (name) => name !== "CLEF_AGENT_AGE_KEY" && name !== "CLEF_AGENT_VERIFY_KEY",
);
