import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { clef } from "../support/cli.ts";
import { run } from "../support/interop.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/**
 * The format as others read and write it, with none of our code: `age` for the ciphertext, `openssl`
 * for hash and signature, and the signing payload put together here after docs/artifact-format.md.
 */
const works = (...[command = "", ...args]: string[]): boolean => run(command, args).status === 0;
const skip =
  works("age", "--version") && works("openssl", "version")
    ? false
    : "age or openssl is missing: .ci/install-interop";

const SECRETS = '{"app":{"API_KEY":"sk_alpha"}}';
type Fields = Readonly<Record<string, string>>;

/** The last six of the fourteen values are the envelope's, which is not there. */
const payloadOf = (fields: Fields): string =>
  [
    "clef-sig-v3",
    "1",
    fields["identity"],
    fields["environment"],
    fields["revision"],
    fields["packedAt"],
    fields["ciphertextHash"],
    fields["expiresAt"] ?? "",
  ].join("\n") + "\n".repeat(6);

function must(command: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = run(command, args, input);
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const KEYS = {
  Ed25519: ["-algorithm", "ed25519"],
  ECDSA_SHA256: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
} as const;

/** Keys made by age-keygen and openssl. */
async function world(t: TestContext, algorithm: keyof typeof KEYS): Promise<World> {
  const directory = await temporaryDirectory(t);
  const at = (name: string): string => join(directory, name);
  must("age-keygen", ["-o", at("age.key")]);
  const recipient = must("age-keygen", ["-y", at("age.key")]).trim();
  must("openssl", ["genpkey", ...KEYS[algorithm], "-out", at("signing.pem")]);
  must("openssl", ["pkey", "-in", at("signing.pem"), "-pubout", "-out", at("verify.pem")]);
  return { at, recipient, verifyKey: readFileSync(at("verify.pem"), "utf8") };
}

interface World {
  readonly at: (name: string) => string;
  readonly recipient: string;
  readonly verifyKey: string;
}

/** What openssl is told of the payload: Ed25519 signs it whole, ECDSA its SHA-256. */
const raw = (algorithm: keyof typeof KEYS, file: string): readonly string[] =>
  algorithm === "Ed25519" ? ["-rawin", "-in", file] : ["-rawin", "-digest", "sha256", "-in", file];

for (const algorithm of ["Ed25519", "ECDSA_SHA256"] as const) {
  describe(`an artifact signed with ${algorithm}`, { skip }, () => {
    test("is opened by age and found good by openssl when clef-agent packed it", async (t) => {
      const { at, recipient } = await world(t, algorithm);
      const who = ["--identity", "api", "--environment", "production", "--ttl", "1h"];
      const how = ["--recipient", recipient, "--signing-key", at("signing.pem")];
      const packed = await clef(["pack", "--format", "json", ...who, ...how], { stdin: SECRETS });
      assert.equal(packed.code, 0, packed.stderr);
      const fields = JSON.parse(packed.stdout) as Fields;
      assert.equal(fields["signatureAlgorithm"], algorithm);

      writeFileSync(at("text"), fields["ciphertext"] ?? "");
      const hash = must("openssl", ["dgst", "-sha256", "-r", at("text")]).split(" ")[0];
      assert.equal(fields["ciphertextHash"], hash);
      writeFileSync(at("age"), Buffer.from(fields["ciphertext"] ?? "", "base64"));
      assert.equal(must("age", ["-d", "-i", at("age.key"), at("age")]), SECRETS);
      writeFileSync(at("payload"), payloadOf(fields));
      writeFileSync(at("signature"), Buffer.from(fields["signature"] ?? "", "base64"));
      const check = ["pkeyutl", "-verify", "-pubin", "-inkey", at("verify.pem")];
      must("openssl", [...check, "-sigfile", at("signature"), ...raw(algorithm, at("payload"))]);
    });

    test("is served by clef-agent when age and openssl made it", async (t) => {
      const { at, recipient, verifyKey } = await world(t, algorithm);
      must("age", ["-r", recipient, "-o", at("age")], SECRETS);
      const ciphertext = readFileSync(at("age")).toString("base64");
      writeFileSync(at("text"), ciphertext);
      const fields = {
        identity: "api",
        environment: "production",
        revision: `${Date.now()}-0011aabb`,
        packedAt: new Date().toISOString(),
        ciphertextHash: must("openssl", ["dgst", "-sha256", "-r", at("text")]).slice(0, 64),
        ciphertext,
      };
      writeFileSync(at("payload"), payloadOf(fields));
      const sign = ["pkeyutl", "-sign", "-inkey", at("signing.pem"), "-out", at("signature")];
      must("openssl", [...sign, ...raw(algorithm, at("payload"))]);
      const signature = readFileSync(at("signature")).toString("base64");
      writeFileSync(at("artifact.json"), JSON.stringify({ version: 1, ...fields, signature }));

      const agent = AgentProcess.start(t, {
        CLEF_AGENT_SOURCE: at("artifact.json"),
        CLEF_AGENT_AGE_KEY_FILE: at("age.key"),
        CLEF_AGENT_VERIFY_KEY: verifyKey,
      });
      await agent.ready();
      assert.equal((await agent.get("/v1/secrets")).body, SECRETS);
    });
  });
}
