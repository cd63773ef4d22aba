import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readlinkSync, renameSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { AGENT_COMMAND, AgentProcess } from "../support/agent-process.ts";
import { pack, revocation } from "../support/artifacts.ts";
import { namesIn, visible } from "../support/files.ts";
import { filesPlace } from "../support/files-place.ts";
import { eventually } from "../support/temporary.ts";

const ONCE = ["files", "--once"];
const run = promisify(execFile);

describe("clef-agent files --once", () => {
  test("writes the set, leaves it and exits 0, and says nothing on standard output", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1", app: { B: "2" } } }));
    const agent = AgentProcess.start(context, at.env, ONCE);
    assert.deepEqual(await agent.ended(), { code: 0, signal: null });
    assert.deepEqual(visible(at.directory), { A: "1", "app/B": "2" });
    const revision = readlinkSync(join(at.directory, "..data"));
    assert.deepEqual(
      namesIn(at.directory),
      ["..data", revision, `${revision}.record`, "A", "app"].toSorted(),
    );
    assert.equal(agent.stdout, "");
  });

  test("opens no port, whatever is set", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" } }));
    const taken = createServer().listen(0, "127.0.0.1");
    context.after(() => taken.close());
    await once(taken, "listening");
    const address = taken.address();
    assert.ok(typeof address === "object" && address !== null);
    const agent = AgentProcess.start(
      context,
      {
        ...at.env,
        CLEF_AGENT_PORT: String(address.port),
        CLEF_AGENT_PROBE_LISTEN: `127.0.0.1:${address.port}`,
      },
      ONCE,
    );
    assert.equal((await agent.ended()).code, 0, agent.stderr);
    assert.ok(!agent.log.some(({ message }) => message === "listening"));
  });

  test("exits 1 within the start-up time where there is no artifact", async (context) => {
    const at = await filesPlace(context);
    const started = performance.now();
    const env = { ...at.env, CLEF_AGENT_STARTUP_TIMEOUT: "1" };
    const agent = AgentProcess.start(context, env, ONCE);
    assert.equal((await agent.ended()).code, 1);
    assert.ok(performance.now() - started > 900);
    assert.ok(agent.log.some(({ code }) => code === "startup_timeout"));
    assert.deepEqual(namesIn(at.directory), []);
  });

  test("waits for the artifact within the start-up time", async (context) => {
    const at = await filesPlace(context);
    const agent = AgentProcess.start(context, at.env, ONCE);
    await agent.logged("the first attempt", ({ event }) => event === "fetch.failed");
    at.put(await pack({ secrets: { A: "1" } }));
    assert.equal((await agent.ended()).code, 0);
    assert.deepEqual(visible(at.directory), { A: "1" });
  });

  test("exits 1 at once where the files cannot be written, the secrets are revoked, or a signal comes", async (context) => {
    const foreign = await filesPlace(context);
    mkdirSync(join(foreign.directory, "A"));
    foreign.put(await pack({ secrets: { A: "1" } }));
    const revoked = await filesPlace(context);
    revoked.put(revocation());
    const waiting = await filesPlace(context);
    const [one, two, three] = [foreign, revoked, waiting].map(({ env }) =>
      AgentProcess.start(context, env, ONCE),
    );
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    await three.logged("the first attempt", ({ event }) => event === "fetch.failed");
    three.child.kill("SIGTERM");
    for (const agent of [one, two, three]) {
      assert.deepEqual(await agent.ended(), { code: 1, signal: null }, agent.stderr);
    }
    assert.ok(one.log.some(({ code }) => code === "files_foreign"));
    assert.ok(two.log.some(({ event }) => event === "artifact.revoked"));
    assert.ok(three.log.some(({ message }) => String(message).includes("a signal came")));
    assert.deepEqual(namesIn(foreign.directory), ["A"]);
  });

  test("needs a directory and --once, and takes nothing else", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack());
    const env = { ...at.env, CLEF_AGENT_FILES_DIR: undefined };
    const without = AgentProcess.start(context, env, ONCE);
    assert.equal((await without.ended()).code, 1);
    assert.ok(without.log.some(({ code }) => code === "config_missing"));
    for (const args of [["files"], ["files", "--once", "more"], ["files", "--twice"]]) {
      const wrong = AgentProcess.start(context, at.env, args);
      assert.equal((await wrong.ended()).code, 2);
    }
  });

  test("leaves to the next what it wrote: it stays while it is good, even where nothing new can be had", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" }, ttlMs: 5_000 }));
    assert.equal((await AgentProcess.start(context, at.env, ONCE).ended()).code, 0);
    renameSync(at.source, `${at.source}.away`);
    const env = { ...at.env, CLEF_AGENT_STARTUP_TIMEOUT: "1" };
    assert.equal((await AgentProcess.start(context, env, ONCE).ended()).code, 1);
    assert.deepEqual(visible(at.directory), { A: "1" });
    // One that stays takes it over, and removes it when its time is over.
    const agent = AgentProcess.start(context, at.env);
    await agent.port();
    await eventually("expired", () => !namesIn(at.directory).includes("A"));
    const removed = await agent.logged("why", ({ event }) => event === "files.removed");
    assert.equal(removed["reason"], "artifact_expired");
  });

  test("replaces what one before left", async (context) => {
    const at = await filesPlace(context);
    for (const A of ["1", "2"]) {
      at.put(await pack({ secrets: { A, [`ONLY_${A}`]: "x" } }));
      assert.equal((await AgentProcess.start(context, at.env, ONCE).ended()).code, 0);
    }
    assert.deepEqual(visible(at.directory), { A: "2", ONLY_2: "x" });
  });

  test("is the first command of a shell pipeline, which goes no further without it", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { GREETING: "hello $(touch /tmp/never) `x`" } }));
    const env = {
      ...at.env,
      PATH: process.env["PATH"],
      CLEF_AGENT_FILES_FORMAT: "dotenv",
      CLEF_AGENT_STARTUP_TIMEOUT: "1",
    };
    const [command, ...before] = AGENT_COMMAND;
    const script = `"$@" files --once 2>"$CLEF_AGENT_FILES_DIR/log" && . "$CLEF_AGENT_FILES_DIR/secrets.env" && printf %s "$GREETING" | tr a-z A-Z`;
    const shell = (): Promise<{ stdout: string }> =>
      run("sh", ["-c", script, "sh", command, ...before], { env });
    assert.equal((await shell()).stdout, "HELLO $(TOUCH /TMP/NEVER) `X`");
    at.put(revocation());
    await assert.rejects(shell(), { code: 1, stdout: "" });
    assert.match(readFileSync(join(at.directory, "log"), "utf8"), /artifact.revoked/);
  });
});
