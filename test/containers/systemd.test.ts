import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { describe, test, type TestContext } from "node:test";
import { AGE_IDENTITY, pack, revocation, VERIFY_KEY } from "../support/artifacts.ts";
import { Machine, whyNoSystemd } from "../support/containers/nspawn.ts";
import { rememberSecret } from "../support/known-secrets.ts";
import { eventually } from "../support/temporary.ts";

const skip = whyNoSystemd() ?? false;
const TOKEN = rememberSecret("a-token-that-systemd-hands-over");
const AGENT = "clef-agent.service";
const ARTIFACT = "/srv/artifact.json";

async function prepared(
  t: TestContext,
  { artifact, env = {} }: { artifact?: string; env?: Readonly<Record<string, string>> },
): Promise<Machine> {
  const machine = await Machine.prepare(t);
  const variables = {
    CLEF_AGENT_SOURCE: ARTIFACT,
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    CLEF_AGENT_IDENTITY: "api-gateway",
    CLEF_AGENT_ENVIRONMENT: "production",
    ...env,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await machine.write("/etc/clef-agent/clef-agent.env", lines.join(""), 0o600);
  await machine.write("/etc/clef-agent/age.key", AGE_IDENTITY, 0o600);
  await machine.write("/etc/clef-agent/token", TOKEN, 0o600);
  if (artifact !== undefined) await machine.write(ARTIFACT, artifact);
  return machine;
}

/** Puts another artifact in the place of the one that is there. */
async function delivers(machine: Machine, artifact: string): Promise<void> {
  await machine.write(`${ARTIFACT}.new`, artifact);
  await rename(machine.path(`${ARTIFACT}.new`), machine.path(ARTIFACT));
}

/** What a client on the machine is answered. */
function ask(machine: Machine, path: string): string {
  const header = `Authorization: Bearer ${TOKEN}`;
  return machine.run("curl", "-s", "-H", header, `http://127.0.0.1:7779${path}`).stdout;
}

const journal = (machine: Machine): string =>
  machine.run("journalctl", "--no-pager", "-o", "cat", "-u", AGENT).stdout;

describe("under systemd", { skip }, () => {
  test("the unit serves from the boot on, follows reload, kill and stop, and keeps its key to itself", async (t) => {
    const machine = await prepared(t, { artifact: await pack({ signed: true }) });
    // An application that wants its secrets when it starts.
    const app = `[Unit]\nAfter=${AGENT}\nWants=${AGENT}\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/curl -sf -H "Authorization: Bearer ${TOKEN}" http://127.0.0.1:7779/v1/secrets\n`;
    await machine.write("/etc/systemd/system/app.service", app);
    await machine.enable(AGENT);
    await machine.boot();
    assert.equal(machine.systemctl("start", "app.service").status, 0, journal(machine));
    assert.equal(machine.show(AGENT, "ActiveState"), "active");
    assert.match(ask(machine, "/v1/secrets/KEY"), /"value":"value"/);

    const before = JSON.parse(ask(machine, "/v1/health")) as { lastRefreshAt: number };
    assert.equal(machine.systemctl("reload", AGENT).status, 0);
    await eventually("a look at the source", () => {
      const { lastRefreshAt } = JSON.parse(ask(machine, "/v1/health")) as typeof before;
      return lastRefreshAt > before.lastRefreshAt;
    });

    const credentials = machine.run("ls", "-ln", `/run/credentials/${AGENT}`).stdout;
    assert.match(credentials, /^-r--r?-*.* age\.key$/m);
    const stranger = ["setpriv", "--reuid=nobody", "--clear-groups", "cat"];
    assert.notEqual(machine.run(...stranger, `/run/credentials/${AGENT}/age.key`).status, 0);

    const [, score] =
      /Overall exposure level for \S+: ([\d.]+)/.exec(
        machine.run("systemd-analyze", "security", "--no-pager", AGENT).stdout,
      ) ?? [];
    t.diagnostic(`exposure ${score}, of 10`);
    assert.ok(Number(score) <= 1.5);

    machine.systemctl("kill", "--signal=KILL", AGENT);
    await eventually("it was restarted", () => machine.show(AGENT, "NRestarts") === "1");
    await eventually("it is active", () => machine.show(AGENT, "ActiveState") === "active");
    assert.match(ask(machine, "/v1/secrets/KEY"), /"value":"value"/);

    assert.equal(machine.systemctl("stop", AGENT).status, 0);
    assert.equal(machine.show(AGENT, "Result"), "success");
    assert.match(journal(machine), /"event":"agent\.stopped","reason":"signal"/);
    assert.notEqual(machine.run("test", "-e", `/run/credentials/${AGENT}`).status, 0);
  });

  test("a start that fails is told at once, and ends at the start limit", async (t) => {
    const machine = await prepared(t, { env: { CLEF_AGENT_VERIFY_KEY: "no-key" } });
    await machine.boot();
    const startedAt = performance.now();
    const { status } = machine.systemctl("start", AGENT);
    assert.notEqual(status, 0);
    const took = performance.now() - startedAt;
    t.diagnostic(`told after ${Math.round(took)} ms`);
    assert.ok(took < 5_000, `${took} ms`);
    assert.match(journal(machine), /CLEF_AGENT_VERIFY_KEY/);
    await eventually(
      "it is given up",
      () => machine.show(AGENT, "ActiveState") === "failed",
      40_000,
    );
    assert.ok(Number(machine.show(AGENT, "NRestarts")) <= 5);
  });

  test("a boot is over when the agent has given up, and not later", async (t) => {
    const machine = await prepared(t, { env: { CLEF_AGENT_STARTUP_TIMEOUT: "1" } });
    await machine.enable(AGENT);
    const startedAt = performance.now();
    await machine.boot();
    // Not "degraded" when the agent is between two starts; the wait is what counts.
    machine.systemctl("is-system-running", "--wait");
    const took = performance.now() - startedAt;
    t.diagnostic(`booted after ${Math.round(took)} ms, of which the agent waited 1000`);
    assert.ok(took > 1_000 && took < 10_000, `${took} ms`);
    assert.match(journal(machine), /no artifact within 1 s \(CLEF_AGENT_STARTUP_TIMEOUT\)/);
  });

  test("an artifact that is revoked at the start is no failure: the agent waits for a new one", async (t) => {
    const machine = await prepared(t, { artifact: revocation() });
    await machine.boot();
    assert.equal(machine.systemctl("start", AGENT).status, 0, journal(machine));
    assert.equal(machine.show(AGENT, "ActiveState"), "active");
    assert.match(ask(machine, "/v1/ready"), /"reason":"revoked"/);
    await delivers(machine, await pack({ signed: true }));
    await eventually("it serves", () => ask(machine, "/v1/secrets/KEY").includes("value"));
    assert.equal(machine.show(AGENT, "NRestarts"), "0");
  });

  test("CLEF_AGENT_STARTUP_TIMEOUT=0 waits for the artifact, however long", async (t) => {
    const machine = await prepared(t, { env: { CLEF_AGENT_STARTUP_TIMEOUT: "0" } });
    await machine.boot();
    machine.systemctl("start", "--no-block", AGENT);
    await eventually("it asked", () => journal(machine).includes("fetch failed"));
    assert.equal(machine.show(AGENT, "ActiveState"), "activating");
    await delivers(machine, await pack({ signed: true }));
    await eventually("it is active", () => machine.show(AGENT, "ActiveState") === "active");
    assert.equal(machine.show(AGENT, "NRestarts"), "0");
  });
});
