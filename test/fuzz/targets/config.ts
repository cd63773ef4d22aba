import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { VARIABLES } from "../../../src/config/variables.ts";
import { AgentErrors } from "../../../src/errors.ts";
import { AGE_IDENTITY, VERIFY_KEY } from "../../support/artifacts.ts";
import type { FuzzTarget } from "../target.ts";

/** Stands in values, and must stand in no message. */
const CANARY = "zQ7xK9vW";

function environment(text: string): Record<string, string> {
  const pairs = text.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf("=");
    return at <= 0 ? [] : [[line.slice(0, at), line.slice(at + 1).replaceAll("\0", "")]];
  });
  return Object.fromEntries(pairs);
}

/** The environment, to the configuration. */
export const target: FuzzTarget = {
  maxBytes: 1500,
  seeds: [
    `CLEF_AGENT_SOURCE=/artifact.json\nCLEF_AGENT_AGE_KEY=${AGE_IDENTITY}\nCLEF_AGENT_CACHE_TTL=300`,
    `CLEF_AGENT_SOURCE=https://example.com/a?${CANARY}\nCLEF_AGENT_VERIFY_KEY=${VERIFY_KEY},${CANARY}\nHTTPS_PROXY=http://${CANARY}@proxy:1`,
    "CLEF_AGENT_VCS_PROVIDER=github\nCLEF_AGENT_VCS_REPO=a/b\nCLEF_AGENT_VCS_TOKEN=ghp_x\nCLEF_AGENT_VCS_IDENTITY=a\nCLEF_AGENT_VCS_ENVIRONMENT=b",
    `CLEF_AGENT_SOURCE=s3://bucket/key\nCLEF_AGENT_PORT=none\nCLEF_AGENT_SOCKET=/tmp/s\nCLEF_AGENT_SOCKET_MODE=0660\nCLEF_AGENT_TOKEN=${CANARY}`,
    "CLEF_AGENT_SOURCE=az://account/container/blob\nCLEF_AGENT_FILES_DIR=/run/s\nCLEF_AGENT_FILES_FORMAT=keys,json\nCLEF_AGENT_PROBE_LISTEN=[::]:9000",
    `CLEF_AGENT_SOURCE=gs://b/o\nCLEF_AGENT_TELEMETRY_URL=https://${CANARY}:x@c/v1/logs\nOTEL_EXPORTER_OTLP_HEADERS=a=${CANARY}`,
  ],
  words: [
    ...VARIABLES.map(({ name }) => name),
    "_FILE",
    "=",
    "\n",
    CANARY,
    "https://",
    "://",
    "@",
    "tcp://",
    "0",
    "-1",
    "1e3",
    "%",
  ],
  async run(input) {
    const env = environment(input.toString("utf8"));
    const noFile = (): never => {
      throw new Error("the file does not exist");
    };
    try {
      await parseConfig(env, noFile);
    } catch (error) {
      if (!(error instanceof AgentErrors)) throw error;
      assert.ok(error.errors.length > 0);
      const names = Object.keys(env).some((name) => name.includes(CANARY));
      for (const { message } of error.errors) {
        assert.ok(!message.includes("\n"));
        assert.ok(names || !message.includes(CANARY), `a value is repeated: ${message}`);
      }
    }
  },
};
