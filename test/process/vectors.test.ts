import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AgentProcess } from "../support/agent-process.ts";

interface Case {
  readonly serve: boolean;
  readonly secrets?: unknown;
  readonly rawSecrets?: string;
  readonly keys?: readonly string[];
  readonly verifyKey?: string;
  readonly reason?: string;
}

interface Keys {
  readonly ageIdentity: string;
  readonly verifyKeys: Readonly<Record<string, string>>;
}

const directory = fileURLToPath(new URL("../vectors/", import.meta.url));
const read = (name: string): unknown =>
  JSON.parse(readFileSync(`${directory}${name}.json`, "utf8"));
const cases = read("cases") as Readonly<Record<string, Case>>;
const keys = read("keys") as Keys;

for (const [name, expected] of Object.entries(cases)) {
  test(`the vector ${name} is ${expected.serve ? "served as it was packed" : "never served"}`, async (t) => {
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: `${directory}${name}.json`,
      CLEF_AGENT_AGE_KEY: keys.ageIdentity,
      CLEF_AGENT_VERIFY_KEY:
        expected.verifyKey === undefined ? undefined : keys.verifyKeys[expected.verifyKey],
    });
    if (expected.serve) {
      await agent.ready();
      const { status, body } = await agent.get("/v1/secrets");
      assert.equal(status, 200);
      const secrets: unknown =
        expected.rawSecrets === undefined ? expected.secrets : JSON.parse(expected.rawSecrets);
      assert.deepEqual(JSON.parse(body), secrets);
      if (expected.keys !== undefined) {
        assert.deepEqual(JSON.parse((await agent.get("/v1/keys")).body), expected.keys);
      }
    } else {
      const refusal = await agent.logged("the refusal", ({ event }) =>
        ["artifact.invalid", "artifact.expired", "artifact.revoked"].includes(String(event)),
      );
      const reason = refusal["reason"] ?? String(refusal["event"]).replace("artifact.", "");
      if (expected.reason !== undefined) assert.equal(reason, expected.reason);
      assert.equal((await agent.get("/v1/ready")).status, 503);
      assert.equal((await agent.get("/v1/secrets")).status, 503);
    }
    await agent.stop();
  });
}

test("there are 45 vectors", () => {
  assert.equal(Object.keys(cases).length, 45);
});
