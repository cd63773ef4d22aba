import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { namedPipe } from "../support/named-pipe.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const VALUE = "value-that-must-not-be-repeated";

/** Runs the agent, which must give up at once, and gives its error lines. */
async function errors(
  env: Readonly<Record<string, string>>,
): Promise<readonly Record<string, string>[]> {
  const { code, stderr } = await clef([], { env: { CLEF_AGENT_LOG_FORMAT: "json", ...env } });
  assert.equal(code, 1, stderr);
  assert.doesNotMatch(stderr, /\n\s+at /, "a stack trace");
  assert.doesNotMatch(stderr, new RegExp(VALUE));
  return stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter(({ level }) => level === "error");
}

for (const [what, env, code, message] of [
  ["no source", {}, "config_missing", /^CLEF_AGENT_SOURCE is not set; give /],
  [
    "a source that is a directory",
    { CLEF_AGENT_SOURCE: "/tmp" },
    "source_unreadable",
    /^CLEF_AGENT_SOURCE is a directory; name the packed artifact/,
  ],
  [
    "an unknown scheme",
    { CLEF_AGENT_SOURCE: "ftp://x/y" },
    "config_invalid",
    /^CLEF_AGENT_SOURCE: its scheme is not supported; use /,
  ],
  [
    "a key file that does not exist",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_AGE_KEY_FILE: "/nope" },
    "config_unreadable_file",
    /^CLEF_AGENT_AGE_KEY_FILE: the file does not exist$/,
  ],
  [
    "a key that is none",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_AGE_KEY: VALUE },
    "config_invalid",
    /^CLEF_AGENT_AGE_KEY: line 1 is not an age identity/,
  ],
  [
    "a misspelt variable",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_VERIFYKEY: VALUE },
    "config_unknown_variable",
    /CLEF_AGENT_VERIFYKEY .* did you mean CLEF_AGENT_VERIFY_KEY\?/,
  ],
  [
    "a port with letters",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_PORT: "7779abc" },
    "config_invalid",
    /^CLEF_AGENT_PORT must be a port from 0 to 65535, or none, in digits only$/,
  ],
  [
    "a verify key that is none",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_VERIFY_KEY: VALUE },
    "config_invalid",
    /^CLEF_AGENT_VERIFY_KEY: it is not a public key/,
  ],
  [
    "a token with spaces",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_TOKEN: `${VALUE} x` },
    "config_invalid",
    /^CLEF_AGENT_TOKEN: it must be visible ASCII/,
  ],
  [
    "a token twice",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_TOKEN: VALUE, CLEF_AGENT_TOKEN_FILE: "y" },
    "config_conflict",
    /^CLEF_AGENT_TOKEN and CLEF_AGENT_TOKEN_FILE are both set/,
  ],
  [
    "a key file without an end",
    { CLEF_AGENT_SOURCE: "x", CLEF_AGENT_AGE_KEY_FILE: "/dev/zero" },
    "config_unreadable_file",
    /^CLEF_AGENT_AGE_KEY_FILE: the file is too large$/,
  ],
  [
    "half a VCS source",
    { CLEF_AGENT_VCS_PROVIDER: "github" },
    "config_missing",
    /CLEF_AGENT_VCS_REPO, .*not set/,
  ],
  [
    "an endpoint for S3 that is no address",
    { CLEF_AGENT_SOURCE: "s3://bucket/key", AWS_ENDPOINT_URL: "localhost:9000" },
    "config_invalid",
    /^AWS_ENDPOINT_URL must be an http:\/\/ or https:\/\/ URL/,
  ],
] as const) {
  test(`${what} is one line that says what to do, and exit 1`, async () => {
    const found = await errors(env);
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.deepEqual(
      found.map((line) => line["code"]),
      [code],
    );
    for (const line of found) assert.match(line["message"] ?? "", message);
  });
}

test("what may be meant but is suspicious is a warning", async (t) => {
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: "https://user:%zz@host.invalid/artifact.json",
    CLEF_AGENT_TELEMETRY_URL: "http://127.0.0.1:4318/logs",
    CLEF_AGENT_TOKEN: "short",
  });
  await agent.port();
  const warnings = agent.log.filter(({ level }) => level === "warn").map(({ message }) => message);
  for (const expected of [
    /^neither CLEF_AGENT_AGE_KEY_FILE nor CLEF_AGENT_AGE_KEY is set/,
    /^CLEF_AGENT_TELEMETRY_URL does not end in \/v1\/logs/,
    /^the token of CLEF_AGENT_TOKEN is shorter than 16 characters/,
  ]) {
    assert.ok(
      warnings.some((warning) => expected.test(String(warning))),
      `${expected} is not in ${warnings.join("; ")}`,
    );
  }
});

test("all that is wrong is said at once", async () => {
  const found = await errors({
    CLEF_AGENT_PORT: "x",
    CLEF_AGENT_CACHE_TTL: "29",
    CLEF_AGENT_LOG_LEVEL: VALUE,
    CLEF_AGENT_TOKN: VALUE,
  });
  const said = found.map(({ message }) => message).join("\n");
  for (const name of ["PORT", "CACHE_TTL", "LOG_LEVEL", "TOKN", "SOURCE"]) {
    assert.match(said, new RegExp(`CLEF_AGENT_${name} `));
  }
  assert.equal(found.length, 5);
});

test("a port in use is said with the variable to change", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const address = other.address();
  assert.ok(address !== null && typeof address === "object");
  const found = await errors({ CLEF_AGENT_SOURCE: "x", CLEF_AGENT_PORT: String(address.port) });
  assert.match(
    found[0]?.["message"] ?? "",
    /^port \d+ of 127\.0\.0\.1 is in use; .*CLEF_AGENT_PORT/,
  );
});

for (const [what, content, code, message] of [
  ["is HTML", "<!doctype html><title>Sign in</title>", "json_parse", /it is not JSON but HTML/],
  [
    "is encrypted to another key",
    undefined,
    "decrypt",
    /no configured age identity opens it .*CLEF_AGENT_AGE_KEY/,
  ],
] as const) {
  test(`a source that ${what} is a warning and 503, and exit 1 when the start-up time is over`, async (t) => {
    const file = join(await temporaryDirectory(t), "artifact.json");
    const stranger = "age1u22txjxq5ge9cczqecm4t5dy5pdvx9nw89urqzkduhtry66hvavqga5cp4";
    await writeFile(file, content ?? (await pack({ recipients: [stranger] })));
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: file,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_STARTUP_TIMEOUT: "2",
    });
    const line = await agent.logged("the refusal", ({ event }) => event === "artifact.invalid");
    assert.equal(line["reason"], code);
    assert.match(String(line["message"]), message);
    const { status, body } = await agent.get("/v1/secrets");
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), { error: "Secrets not yet loaded" });
    assert.deepEqual(await agent.ended(), { code: 1, signal: null });
    const last = agent.log.find((entry) => entry["code"] === "startup_timeout");
    assert.match(String(last?.["message"]), /CLEF_AGENT_STARTUP_TIMEOUT\); the last attempt: /);
  });
}

test("what a Kubernetes Service called clef-agent injects is ignored with a warning", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack());
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_SERVICE_HOST: "10.0.0.1",
    CLEF_AGENT_SERVICE_PORT: "7779",
    CLEF_AGENT_SERVICE_PORT_HTTP: "7779",
    CLEF_AGENT_PORT_7779_TCP: "tcp://10.0.0.1:7779",
    CLEF_AGENT_PORT_7779_TCP_ADDR: "10.0.0.1",
  });
  await agent.ready();
  const warning = agent.log.find(({ level }) => level === "warn");
  assert.match(
    String(warning?.["message"]),
    /^ignored CLEF_AGENT_SERVICE_HOST, .*enableServiceLinks/,
  );
});

test("a pipe as a key file into which nobody writes stops the start with a line that names the variable", async (t) => {
  const path = await namedPipe(t);
  const [error] = await errors({ CLEF_AGENT_SOURCE: "x", CLEF_AGENT_AGE_KEY_FILE: path });
  assert.equal(error?.["code"], "config_unreadable_file");
  assert.match(error["message"] ?? "", /^CLEF_AGENT_AGE_KEY_FILE: it is a pipe, and nothing was/);
});
