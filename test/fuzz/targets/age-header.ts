import assert from "node:assert/strict";
import { AgentError } from "../../../src/errors.ts";
import { type AgeFile, checkStanzas, readAgeFile } from "../../../src/artifact/age-file.ts";
import type { FuzzTarget } from "../target.ts";

const MAC = "a".repeat(42) + "A";
const BODY = "B".repeat(42) + "A";
const REST = Buffer.alloc(16 + 16 + 5);

/** The header as the format writes what was read (https://c2sp.org/age). */
function written({ stanzas, mac }: AgeFile): string {
  const bare = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
  const lines = stanzas.flatMap(({ type, args, body }) => {
    const text = bare(body);
    const full = Array.from({ length: Math.floor(text.length / 64) + 1 }, (_, index) =>
      text.slice(index * 64, index * 64 + 64),
    );
    return [["->", type, ...args].join(" "), ...full];
  });
  return ["age-encryption.org/v1", ...lines, `--- ${bare(mac)}`, ""].join("\n");
}

/** The header of an age file. */
export const target: FuzzTarget = {
  maxBytes: 700,
  seeds: [
    `age-encryption.org/v1\n-> X25519 ${BODY}\n${BODY}\n--- ${MAC}\n`,
    `age-encryption.org/v1\n-> a b c\n${"C".repeat(64)}\n\n-> mlkem768x25519 x\nAA\n--- ${MAC}\n`,
  ].map((header) => Buffer.concat([Buffer.from(header), REST])),
  words: ["-> ", "--- ", "\n", " ", MAC, "C".repeat(64), "age-encryption.org/v1\n", "-> x\n\n"],
  run(input) {
    try {
      const file = readAgeFile(input);
      if (file === undefined) return;
      assert.equal(input.toString("latin1", 0, file.payload), written(file));
      assert.ok(file.plaintextLength >= 0 && file.plaintextLength < input.length);
      checkStanzas(file.stanzas);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.equal(error.code, "decrypt");
    }
  },
};
