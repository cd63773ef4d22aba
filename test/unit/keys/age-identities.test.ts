import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateHybridIdentity, generateX25519Identity } from "age-encryption";
import { parseAgeIdentities } from "../../../src/keys/age-identities.ts";
import { generateAgeKey, parseRecipient } from "../../../src/keys/age-recipients.ts";

const plain = await generateX25519Identity();
const hybrid = await generateHybridIdentity();
const texts = (text: string): readonly string[] =>
  parseAgeIdentities(text).map((identity) => identity.text);

describe("age identities", () => {
  test("are read one a line, past comments, blank lines and Windows line ends", () => {
    assert.deepEqual(texts(`# c\r\n\r\n  ${plain}  \r\n#x\n${hybrid}`), [plain, hybrid]);
  });

  test("are of two kinds", () => {
    const kinds = parseAgeIdentities(`${plain}\n${hybrid}`).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["x25519", "hybrid"]);
  });

  test("must be there", () => {
    for (const text of ["", "\n", "# only a comment"]) {
      assert.throws(() => parseAgeIdentities(text), /no age identity/);
    }
  });

  test("that are wrong are named by their line and not shown", () => {
    const last = plain.at(-1) === "Q" ? "P" : "Q";
    const wrong = [
      `${plain.slice(0, -1)}${last}`,
      plain.toLowerCase(),
      plain.slice(0, -1),
      `${plain} ${plain}`,
      "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
      "-----BEGIN OPENSSH PRIVATE KEY-----",
    ];
    for (const line of wrong) {
      assert.throws(
        () => parseAgeIdentities(`# one\n${plain}\n${line}`),
        (error: Error) => {
          assert.match(
            error.message,
            /^line 3 (?:is not an age identity|is an age recipient|begins an SSH)/,
          );
          assert.ok(!error.message.includes(line));
          return true;
        },
      );
    }
  });
});

describe("a new age key", () => {
  for (const kind of ["x25519", "hybrid"] as const) {
    test(`of the kind ${kind} is a file that reads back, with its recipient`, async () => {
      const { file, recipient } = await generateAgeKey(kind, new Date(0));
      assert.equal(parseAgeIdentities(file)[0]?.kind, kind);
      assert.equal(parseRecipient(` ${recipient}\n`), recipient);
      assert.ok(file.startsWith("# created: 1970-01-01T00:00:00.000Z\n# public key: "));
    });
  }

  test("takes no recipient that is none", () => {
    for (const text of ["", "age1", plain, "ssh-ed25519 AAAA"]) {
      assert.equal(parseRecipient(text), undefined);
    }
  });
});

describe("what stands in the place of an identity is named, by line and without it", () => {
  for (const [line, problem] of [
    ["age1sk_mark", /line 2 is an age recipient/],
    ["AGE-PLUGIN-YUBIKEY-1SK_MARK", /line 2 is an identity of an age plugin/],
    ["-----BEGIN OPENSSH PRIVATE KEY-----", /line 2 begins an SSH or PEM key/],
    ["ssh-ed25519 sk_mark", /line 2 begins an SSH or PEM key/],
    ["age-encryption.org/v1", /line 2 .* passphrase/],
    ['"AGE-SECRET-KEY-1SK_MARK"', /line 2 is in quotes/],
  ] as const) {
    test(line.slice(0, 16), () => {
      assert.throws(() => parseAgeIdentities(`# note\n${line}\n`), problem);
      assert.throws(
        () => parseAgeIdentities(line),
        (error: Error) => !/sk_mark/i.test(error.message),
      );
    });
  }
});
