import { type Artifact, body, pack } from "../../tools/artifact.ts";
import { OTHER_AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

/** The same artifact with other bytes in it, and the hash that belongs to them. */
function altered(change: (file: Buffer) => Buffer, more = 0): Artifact {
  const artifact = pack({ KEY: secretValue(), MORE: "x".repeat(more) });
  const file = Buffer.from(String(artifact["ciphertext"]), "base64");
  return { ...artifact, ...body(change(file).toString("base64")) };
}

function flipped(file: Buffer, at: number): Buffer {
  const index = at < 0 ? file.length + at : at;
  return Buffer.from(file.map((byte, here) => (here === index ? byte ^ 1 : byte)));
}

/** Where the header's line of the MAC begins. */
const mac = (file: Buffer): number => file.indexOf("\n--- ") + 5;

export const cases = [
  refused("an artifact for other recipients", "decrypt", () => ({
    artifact: pack({ KEY: secretValue() }, { recipients: [OTHER_AGE] }),
  })),
  refused("a ciphertext with its last bit changed", "decrypt", () => ({
    artifact: altered((file) => flipped(file, -1)),
  })),
  refused("a ciphertext with a bit of its first chunk changed", "decrypt", () => ({
    artifact: altered((file) => flipped(file, mac(file) + 60)),
  })),
  refused("an age header with another MAC", "decrypt", () => ({
    artifact: altered((file) => {
      const at = mac(file);
      const other = file[at] === 0x41 ? "B" : "A";
      return Buffer.concat([file.subarray(0, at), Buffer.from(other), file.subarray(at + 1)]);
    }),
  })),
  refused("an age header with a stanza added", "decrypt", () => ({
    artifact: altered((file) => {
      const at = file.indexOf("\n") + 1;
      const stanza = Buffer.from("-> grease-x abc\nAAAA\n");
      return Buffer.concat([file.subarray(0, at), stanza, file.subarray(at)]);
    }),
  })),
  refused("a ciphertext cut within its last chunk", "decrypt", () => ({
    artifact: altered((file) => file.subarray(0, -5)),
  })),
  refused("a ciphertext without its last chunk", "decrypt", () => ({
    // Chunks of 64 KiB and a tag of 16 bytes each; what is cut is the last, and it is not empty.
    artifact: altered((file) => file.subarray(0, mac(file) + 44 + 16 + 65_552), 100_000),
  })),
  refused("a ciphertext with a byte after its end", "decrypt", () => ({
    artifact: altered((file) => Buffer.concat([file, Buffer.from([0])])),
  })),
];
