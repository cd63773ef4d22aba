import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { pack, revocation } from "../support/artifacts.ts";
import { namesIn, visible } from "../support/files.ts";
import { filesPlace } from "../support/files-place.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

async function health(agent: AgentProcess): Promise<unknown> {
  const body = JSON.parse((await agent.get("/v1/health")).body) as Record<string, unknown>;
  return body["files"];
}

describe("the built agent with CLEF_AGENT_FILES_DIR", () => {
  test("writes files, replaces them at a rotation, and removes them at a stop", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1", app: { B: "2" } } }));
    const agent = AgentProcess.start(context, at.env);
    await agent.ready();
    assert.deepEqual(visible(at.directory), { A: "1", "app/B": "2" });
    assert.deepEqual(await health(agent), { state: "written" });
    at.put(await pack({ secrets: { A: "3" } }));
    await eventually("the new set", () => visible(at.directory)["A"] === "3");
    await agent.stop();
    assert.deepEqual(namesIn(at.directory), []);
  });

  test("removes the files on a revocation", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" } }));
    const agent = AgentProcess.start(context, at.env);
    await agent.ready();
    at.put(revocation());
    await eventually("gone", () => !namesIn(at.directory).includes("A"));
    assert.deepEqual(visible(at.directory), {});
    assert.deepEqual(await health(agent), { state: "none" });
  });

  test("is not ready while the first set cannot be written, and is when it can", async (context) => {
    const at = await filesPlace(context);
    mkdirSync(join(at.directory, "A"));
    at.put(await pack({ secrets: { A: "1" } }));
    const agent = AgentProcess.start(context, at.env);
    await agent.logged("failed", (line) => line["event"] === "files.failed");
    const ready = await agent.get("/v1/ready");
    assert.equal(ready.status, 503);
    assert.deepEqual(JSON.parse(ready.body), { ready: false, reason: "files_not_written" });
    assert.deepEqual(await health(agent), { state: "failed", code: "files_foreign" });
    at.put(await pack({ secrets: { B: "1" } }));
    await agent.ready();
  });

  test("keeps the old set when the new one has a name that cannot be a file", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" } }));
    const agent = AgentProcess.start(context, at.env);
    await agent.ready();
    at.put(await pack({ secrets: { "a/b": "2" } }));
    const line = await agent.logged("failed", (entry) => entry["event"] === "files.failed");
    assert.equal(line["code"], "files_name");
    assert.match(String(line["error"]), /"a\/b" cannot be a file name/);
    assert.deepEqual(visible(at.directory), { A: "1" });
    assert.equal((await agent.get("/v1/ready")).status, 200);
  });

  test("renders templates, read again at each change", async (context) => {
    const at = await filesPlace(context);
    const templates = await temporaryDirectory(context);
    writeFileSync(join(templates, "app.conf"), "url={{ app.URL | json }}\n");
    writeFileSync(join(templates, ".ignored"), "{{ nonsense");
    at.put(await pack({ secrets: { app: { URL: "x" } } }));
    const agent = AgentProcess.start(context, {
      ...at.env,
      CLEF_AGENT_FILES_TEMPLATES: templates,
      CLEF_AGENT_FILES_FORMAT: "dotenv",
    });
    await agent.ready();
    assert.deepEqual(visible(at.directory), {
      "app.conf": 'url="x"\n',
      "secrets.env": "app__URL='x'\n",
    });
    writeFileSync(join(templates, "app.conf"), "new={{ app.URL }}\n");
    at.put(await pack({ secrets: { app: { URL: "y" } } }));
    await eventually("the new set", () => visible(at.directory)["app.conf"] === "new=y\n");
  });

  test("leaves its files after kill -9; the next one keeps them while they are good, and no longer", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" }, ttlMs: 6_000 }));
    const first = AgentProcess.start(context, at.env);
    await first.ready();
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    assert.deepEqual(visible(at.directory), { A: "1" });
    const gone = { ...at.env, CLEF_AGENT_SOURCE: at.source };
    renameSync(at.source, `${at.source}.away`);
    const second = AgentProcess.start(context, gone);
    await second.port();
    assert.deepEqual(visible(at.directory), { A: "1" });
    await eventually("expired", () => !namesIn(at.directory).includes("A"));
  });

  test("refuses a second agent, a directory on a disk, and just-in-time mode", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" } }));
    const agent = AgentProcess.start(context, at.env);
    await agent.ready();
    for (const [env, code] of [
      [{}, "files_in_use"],
      [{ CLEF_AGENT_FILES_DIR: import.meta.dirname }, "config_invalid"],
      [{ CLEF_AGENT_FILES_DIR: join(at.directory, "missing") }, "config_invalid"],
      [{ CLEF_AGENT_CACHE_TTL: "0" }, "config_conflict"],
    ] as const) {
      const other = AgentProcess.start(context, { ...at.env, ...env });
      assert.equal((await other.ended()).code, 1);
      assert.ok(
        other.log.some((line) => line["code"] === code),
        other.stderr,
      );
    }
    assert.deepEqual(visible(at.directory), { A: "1" });
  });
});
