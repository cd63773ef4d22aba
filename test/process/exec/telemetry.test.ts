import assert from "node:assert/strict";
import { test } from "node:test";
import { SHELL_SCRIPT } from "../../support/exec/commands.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";
import { OtlpReceiver } from "../../support/otlp-receiver.ts";

test("a collector hears of the start, the restart and the end of the command, in events and metrics", async (t) => {
  const receiver = await OtlpReceiver.start(t);
  const exec = await ExecAgent.start(t, SHELL_SCRIPT, {
    env: { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl },
  });
  await exec.prints("ready one");
  await exec.repack({ KEY: "two", OTHER: "2" });
  await exec.prints("ready two");
  await exec.revoke();
  assert.equal(await exec.code(), 1);

  const told = receiver.events
    .filter(({ name }) => String(name).startsWith("command."))
    .map(({ name, severityText, attributes }) => [name, severityText, attributes]);
  const revisions = exec.log
    .filter(({ event }) => event === "artifact.refreshed")
    .map(({ revision }) => revision);
  const event = (name: string, fields: Readonly<Record<string, unknown>>): unknown => [
    name,
    "INFO",
    { "event.name": `clef.${name}`, ...fields },
  ];
  assert.deepEqual(told, [
    event("command.started", { "clef.revision": revisions[0], "clef.keyCount": 1 }),
    event("command.restarted", {
      "clef.reason": "secrets_changed",
      "clef.revision": revisions[1],
      "clef.keyCount": 2,
      "clef.exitCode": 43,
    }),
    event("command.stopped", { "clef.reason": "revoked", "clef.exitCode": 1 }),
  ]);

  const value = (name: string): number | undefined => receiver.metrics.get(name)?.points[0]?.value;
  assert.deepEqual([value("clef.command.starts"), value("clef.command.restarts")], [1, 1]);
  const ends = receiver.metrics.get("clef.command.stops")?.points ?? [];
  assert.deepEqual(
    ends.filter((point) => point.value > 0).map(({ attributes }) => attributes),
    [{ "clef.command.reason": "revoked" }],
  );
});
