import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { AGENT_COMMAND, AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, SIGNING_KEY_PEM, VERIFY_KEY } from "../support/artifacts.ts";
import { clef, type CommandResult } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const WHOM = ["--identity", "api", "--environment", "production", "--recipient", AGE_RECIPIENT];

/** What the agent serves of an artifact. */
async function served(t: TestContext, path: string, key = AGE_IDENTITY): Promise<unknown> {
  const agent = AgentProcess.start(t, { CLEF_AGENT_SOURCE: path, CLEF_AGENT_AGE_KEY: key });
  await agent.ready();
  return JSON.parse((await agent.get("/v1/secrets")).body);
}

function packStdin(stdin: string, ...more: string[]): Promise<CommandResult> {
  return clef(["pack", ...WHOM, ...more], { stdin });
}

for (const [format, input, secrets] of [
  ["JSON", '{"app":{"KEY":"v","B":""},"TOP":"x"}', { app: { KEY: "v", B: "" }, TOP: "x" }],
  [
    "YAML",
    "app:\n  PORT: 5432\n  ON: yes\nTOP: 'a: b'\n",
    { app: { PORT: "5432", ON: "yes" }, TOP: "a: b" },
  ],
  [
    "dotenv",
    "# note\nexport A=1\nB='two words'\n\nC=\"line\nbreak\"\n",
    { A: "1", B: "two words", C: "line\nbreak" },
  ],
] as const) {
  test(`pack reads ${format} from standard input, and the agent serves it`, async (t) => {
    const out = join(await temporaryDirectory(t), "artifact.json");
    const { code, stderr, stdout } = await packStdin(input, "--out", out);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /packed \d keys for api\/production into .*, unsigned\n$/);
    assert.deepEqual(await served(t, out), secrets);
  });
}

test("pack tells the format of a file by its name", async (t) => {
  const directory = await temporaryDirectory(t);
  for (const [name, text] of [
    ["a.json", '{"K":"json"}'],
    ["a.yaml", "K: yaml"],
    ["a.yml", "K: yml"],
    ["a.env", "K=dotenv"],
    [".env.production", "K=dotenv"],
  ] as const) {
    await writeFile(join(directory, name), text);
    const { code, stdout, stderr } = await clef(["pack", join(directory, name), ...WHOM]);
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as { version: number }).version, 1);
  }
});

test("pack keeps the order of a dotenv file, and values that go over several lines", async (t) => {
  const out = join(await temporaryDirectory(t), "artifact.json");
  const input = 'ZED=1\nPEM="-----BEGIN\nMIDDLE: x\nEND"\nALPHA=2\n';
  const { code, stderr } = await packStdin(input, "--out", out);
  assert.equal(code, 0, stderr);
  const secrets = await served(t, out);
  assert.deepEqual(secrets, { ZED: "1", PEM: "-----BEGIN\nMIDDLE: x\nEND", ALPHA: "2" });
  assert.deepEqual(Object.keys(secrets as object), ["ZED", "PEM", "ALPHA"]);
});

test("pack takes input without secrets for a failure upstream, unless that is meant", async () => {
  for (const input of ["", "# nothing\n", "{}"]) {
    const refused = await packStdin(input);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /\[input_invalid\]\n$/);
    assert.equal(refused.stdout, "");
  }
  assert.equal((await packStdin("{}", "--allow-empty")).code, 0);
  assert.match((await packStdin("", "--allow-empty")).stderr, /it is empty, perhaps because/);
  assert.equal((await packStdin("", "--allow-empty", "--format", "dotenv")).code, 0);
});

test("pack makes an artifact for several recipients, each of whom can open it", async (t) => {
  const directory = await temporaryDirectory(t);
  const out = join(directory, "artifact.json");
  const hybridKey = join(directory, "pq.key");
  const { stdout: hybrid } = await clef(["keygen", "age", "--post-quantum", "--out", hybridKey]);
  const { code, stderr } = await packStdin('{"K":"v"}', "--recipient", hybrid.trim(), "--out", out);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^warning: the recipients are of both kinds/);
  assert.deepEqual(await served(t, out), { K: "v" });
  const identity = (await readFile(hybridKey, "utf8")).split("\n")[2] ?? "";
  assert.deepEqual(await served(t, out, identity), { K: "v" });
});

test("pack signs with the key in a file or in CLEF_SIGNING_KEY, and verify agrees", async (t) => {
  const directory = await temporaryDirectory(t);
  const keyFile = join(directory, "signing.pem");
  await writeFile(keyFile, SIGNING_KEY_PEM);
  const inFile = await packStdin(
    "K=v",
    "--signing-key",
    keyFile,
    "--out",
    join(directory, "a.json"),
  );
  const inEnv = await clef(["pack", ...WHOM, "--out", join(directory, "b.json")], {
    stdin: "K=v",
    env: { CLEF_SIGNING_KEY: SIGNING_KEY_PEM },
  });
  for (const { code, stderr } of [inFile, inEnv]) {
    assert.equal(code, 0, stderr);
    assert.match(stderr, /signed with Ed25519/);
  }
  const files = [join(directory, "a.json"), join(directory, "b.json")];
  const { code, stdout } = await clef(["verify", ...files, "--verify-key", VERIFY_KEY]);
  assert.equal(code, 0, stdout);
});

test("pack reads the name of a KMS key in CLEF_SIGNING_KMS_KEY, and takes one key alone", async () => {
  const asked = await clef(["pack", ...WHOM], {
    stdin: "K=v",
    env: { CLEF_SIGNING_KMS_KEY: "no such name\n" },
  });
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /AWS KMS did not give the public key.*\[kms_failed\]/);
  assert.equal(asked.stdout, "");
  const env = { CLEF_SIGNING_KEY: SIGNING_KEY_PEM, CLEF_SIGNING_KMS_KEY: "alias/clef" };
  const both = await clef(["pack", ...WHOM], { stdin: "K=v", env });
  assert.equal(both.code, 2);
  assert.match(both.stderr, /CLEF_SIGNING_KEY and CLEF_SIGNING_KMS_KEY exclude each other/);
});

test("pack --ttl sets when the artifact expires", async () => {
  const { stdout } = await packStdin("K=v", "--ttl", "12h");
  const { packedAt, expiresAt } = JSON.parse(stdout) as { packedAt: string; expiresAt: string };
  assert.equal(Date.parse(expiresAt) - Date.parse(packedAt), 12 * 3_600_000);
});

test("pack replaces the output as a whole and leaves nothing else behind", async (t) => {
  const directory = await temporaryDirectory(t);
  const out = join(directory, "artifact.json");
  await packStdin("K=one", "--out", out);
  const before = await stat(out);
  await packStdin("K=two", "--out", out);
  assert.notEqual((await stat(out)).ino, before.ino);
  assert.deepEqual(await readdir(directory), ["artifact.json"]);
});

test("pack --out replaces an artifact or a marker, also a damaged one, and nothing else", async (t) => {
  const directory = await temporaryDirectory(t);
  const out = join(directory, "out");
  const artifact = (await packStdin("K=v")).stdout;
  for (const before of [artifact, artifact.slice(0, -50), '{"revokedAt":"now"}', "", "\n"]) {
    await writeFile(out, before);
    assert.equal((await packStdin("K=v", "--out", out)).code, 0, before);
  }
  for (const before of ["K=v\n", "{}", '{"K":"v"}', '{"revokedAt":"x","K":"v"}', AGE_IDENTITY]) {
    await writeFile(out, before);
    const { code, stderr, stdout } = await packStdin("K=v", "--out", out);
    assert.equal(code, 1);
    assert.match(stderr, /exists already and is no packed artifact.*--force.*\[output_failed\]/);
    assert.equal(stdout, "");
    assert.equal(await readFile(out, "utf8"), before);
  }
  assert.equal((await packStdin("K=v", "--out", out, "--force")).code, 0);
  assert.match(await readFile(out, "utf8"), /"ciphertext"/);
});

test("pack --out does not destroy its own input", async (t) => {
  const file = join(await temporaryDirectory(t), "secrets.env");
  await writeFile(file, "K=v\n");
  assert.equal((await clef(["pack", file, ...WHOM, "--out", file])).code, 1);
  assert.equal(await readFile(file, "utf8"), "K=v\n");
});

test("pack --out writes into devices and pipes, and they stay", async (t) => {
  const directory = await temporaryDirectory(t);
  const device = join(directory, "device");
  // As root this would replace the machine's own device if it went wrong, so it is one of the test's own.
  const made = spawnSync("mknod", [device, "c", "1", "3"]).status === 0;
  if (made) {
    assert.equal((await packStdin("K=v", "--out", device)).code, 0);
    assert.ok((await lstat(device)).isCharacterDevice());
  }
  const throughPipe = await packStdin("K=v", "--out", "/dev/stdout");
  assert.equal(throughPipe.code, 0, throughPipe.stderr);
  assert.match(throughPipe.stdout, /^\{[^]*"ciphertext"[^]*\}\n$/);
  const file = join(directory, "file");
  const shell = '"$0" "$@" --out /dev/stdout > "$FILE"';
  const [command, ...before] = AGENT_COMMAND;
  const ran = spawnSync("sh", ["-c", shell, command, ...before, "pack", ...WHOM], {
    env: { PATH: process.env["PATH"], FILE: file },
    input: "K=v",
    encoding: "utf8",
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(await readFile(file, "utf8"), /^\{[^]*"ciphertext"[^]*\}\n$/);
});

test("pack --out through a link writes to the file behind it", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "artifact.json");
  await packStdin("K=one", "--out", file);
  await symlink("artifact.json", join(directory, "link"));
  const before = await readFile(file, "utf8");
  assert.equal((await packStdin("K=two", "--out", join(directory, "link"))).code, 0);
  assert.ok((await lstat(join(directory, "link"))).isSymbolicLink());
  assert.notEqual(await readFile(file, "utf8"), before);
});

const SECRET = "hunter2-never-printed";
for (const [what, input, args, code] of [
  ["a number", `{"A":"${SECRET}","B":5}`, [], "input_invalid"],
  ["a list", `A: ${SECRET}\nB: [${SECRET}]\n`, [], "input_invalid"],
  ["too much nesting", `{"a":{"b":{"c":"${SECRET}"}}}`, [], "input_invalid"],
  ["JSON that is cut short", `{"A":"${SECRET}`, [], "input_invalid"],
  ["a key that is there twice", `{"A":"${SECRET}","A":"x"}`, [], "input_invalid"],
  ["two keys of one flat name", `{"a__B":"${SECRET}","a":{"B":"x"}}`, [], "input_invalid"],
  ["broken YAML", `A: "${SECRET}\nB`, ["--format", "yaml"], "input_invalid"],
  ["what sops has not decrypted", `{"A":"ENC[AES256_GCM,data:${SECRET}]"}`, [], "input_invalid"],
  ["a recipient that is none", `A=${SECRET}`, ["--recipient", "age1nope"], "usage"],
  ["a time to live that is none", `A=${SECRET}`, ["--ttl", "soon"], "usage"],
  ["an unknown format", `A=${SECRET}`, ["--format", "toml"], "usage"],
  ["an unknown option", `A=${SECRET}`, ["--indentity", "x"], "usage"],
  [
    "a signing key that does not exist",
    `A=${SECRET}`,
    ["--signing-key", "/nope"],
    "input_unreadable",
  ],
] as const) {
  test(`pack refuses ${what} in one line that holds no value`, async () => {
    const result = await packStdin(input, ...args);
    assert.equal(result.code, code === "usage" ? 2 : 1);
    assert.match(result.stderr, new RegExp(`^clef-agent: [^\\n]+ \\[${code}\\]\\n$`));
    assert.doesNotMatch(result.stderr + result.stdout, new RegExp(SECRET));
  });
}

test("pack leaves the old artifact alone when the new input is refused", async (t) => {
  const out = join(await temporaryDirectory(t), "artifact.json");
  await packStdin("K=one", "--out", out);
  const before = await readFile(out, "utf8");
  assert.equal((await packStdin('{"K":1}', "--out", out)).code, 1);
  assert.equal(await readFile(out, "utf8"), before);
});

test("pack refuses what an agent would, and says so", async () => {
  const hybrid = await identityToRecipient(await generateHybridIdentity());
  const times = (recipient: string, count: number): string[] =>
    Array.from({ length: count }, () => ["--recipient", recipient]).flat();
  const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`K${index}`, ""]));
  for (const [stdin, recipients, message] of [
    ["{}", times(AGE_RECIPIENT, 257), /agent would refuse .* more than 256 recipients/],
    ["{}", times(hybrid, 21), /agent would refuse .* more than 20 post-quantum recipients/],
    [JSON.stringify(many), [], /cannot be packed: it has more than 10000 secrets/],
    [JSON.stringify({ ["x".repeat(513)]: "" }), [], /it has a name of more than 512 characters/],
  ] as const) {
    const { code, stdout, stderr } = await packStdin(stdin, "--allow-empty", ...recipients);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
  }
});

test("pack reads what a shell's process substitution gives it, and refuses it when it is empty", async (t) => {
  const directory = await temporaryDirectory(t);
  const out = join(directory, "artifact.json");
  const run = (substituted: string): ReturnType<typeof spawnSync> => {
    const [command, ...before] = AGENT_COMMAND;
    const line = `exec "$@" <(${substituted})`;
    const args = [command, ...before, "pack", ...WHOM, "--out", out];
    return spawnSync("bash", ["-c", line, "bash", ...args], { encoding: "utf8", timeout: 30_000 });
  };
  const packed = run(`sleep 0.3; echo '{"K":"substituted"}'`);
  assert.equal(packed.status, 0, String(packed.stderr));
  assert.deepEqual(await served(t, out), { K: "substituted" });
  const before = await readFile(out);
  const refused = run("false");
  assert.equal(refused.status, 1);
  assert.match(String(refused.stderr), /it is empty.*\[input_invalid\]/);
  assert.deepEqual(await readFile(out), before);
});
