import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readSecrets } from "../../../../src/cli/secrets-input.ts";
import { coded } from "../../../support/errors.ts";

type Format = Parameters<typeof readSecrets>[2];

async function read(text: string, format?: Format, path = "-"): Promise<unknown> {
  const { bytes } = await readSecrets(Buffer.from(text), path, format, undefined);
  return JSON.parse(bytes.toString("utf8"));
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const manifest = (fields: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\n  labels:\n    a: b\n${fields}`;
const YAML = manifest(
  `type: Opaque\ndata:\n  B: ${base64("zwei\n")}\n  A: ${base64("ä=")}\n  C: ""\nstringData:\n  A: plain\n`,
);
const JSON_TEXT = JSON.stringify({
  apiVersion: "v1",
  data: { DB_URL: base64("postgres://x") },
  kind: "Secret",
  metadata: { name: "api", annotations: {} },
});

describe("a Kubernetes Secret manifest", () => {
  for (const [what, text, path] of [
    ["in YAML", YAML, "-"],
    ["in a YAML file", YAML, "secret.yaml"],
    ["in JSON", JSON_TEXT, "-"],
    ["in a JSON file", JSON_TEXT, "secret.json"],
  ] as const) {
    test(`${what} is told by what it is, and not packed as it stands`, async () => {
      const refused = coded(
        "input_invalid",
        /Kubernetes Secret manifest.*--format kubernetes-secret/,
      );
      await assert.rejects(read(text, undefined, path), refused);
    });
  }

  test("is packed as what is in it where that is asked for", async () => {
    const secrets = await read(YAML, "kubernetes-secret");
    assert.deepEqual(secrets, { B: "zwei\n", A: "plain", C: "" });
    assert.deepEqual(Object.keys(secrets as object), ["B", "A", "C"]);
    assert.deepEqual(await read(JSON_TEXT, "kubernetes-secret"), { DB_URL: "postgres://x" });
    assert.deepEqual(await read(manifest("stringData:\n  A: x\n"), "kubernetes-secret"), {
      A: "x",
    });
    const folded = manifest(
      `data:\n  A: |\n    ${base64("twelve bytes").slice(0, 8)}\n    ${base64("twelve bytes").slice(8)}\n`,
    );
    assert.deepEqual(await read(folded, "kubernetes-secret"), { A: "twelve bytes" });
  });

  for (const [what, text, problem] of [
    [
      "a value that is no base64",
      manifest("data:\n  A: sk_mark%\n"),
      /data\.A is not base64; plain/,
    ],
    [
      "a value that is no text",
      manifest(`data:\n  A: ${base64(Buffer.from([0xff]))}\n`),
      /data\.A is not UTF-8/,
    ],
    ["a list of values", manifest("data: [sk_mark]\n"), /its data is no map/],
    ["a map as a value", manifest("stringData:\n  A:\n    B: sk_mark\n"), /its stringData holds/],
    [
      "another kind",
      "apiVersion: v1\nkind: ConfigMap\ndata:\n  A: sk_mark\n",
      /not a Kubernetes Secret/,
    ],
    ["no manifest", "A: sk_mark\n", /not a Kubernetes Secret/],
  ] as const) {
    test(`with ${what} is refused, and not repeated`, async () => {
      const refused = read(text, "kubernetes-secret");
      await assert.rejects(refused, coded("input_invalid", problem));
      await assert.rejects(refused, (error: Error) => !error.message.includes("sk_mark"));
    });
  }

  test("is not seen in secrets that have one of its names", async () => {
    assert.deepEqual(await read("kind: Secret\nA: b\n"), { kind: "Secret", A: "b" });
    assert.deepEqual(await read('{"kind":"Secret","A":"b"}'), { kind: "Secret", A: "b" });
  });
});
