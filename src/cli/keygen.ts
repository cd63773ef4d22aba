import { open } from "node:fs/promises";
import { named } from "../keys/private-key-text.ts";
import { AgentError, systemCode } from "../errors.ts";
import { generateAgeKey } from "../keys/age-recipients.ts";
import { generateSigningKey } from "../keys/signing-keys.ts";
import type { Command } from "./io.ts";
import { parseOptions, required, usage } from "./options.ts";

/**
 * `clef-agent keygen age|signing`: the private half goes to a new file that only its owner can read,
 * the public half to standard output. An existing file is never overwritten: it may be the only copy
 * of a key.
 */
export const keygen: Command = async (args, io) => {
  const { values, positionals } = parseOptions(args, {
    out: { type: "string" },
    "post-quantum": { type: "boolean" },
  });
  const [kind, ...rest] = positionals;
  if (rest.length > 0) throw usage("keygen takes one kind of key");
  const out = required(values.out, "--out");
  const hybrid = values["post-quantum"] ?? false;
  switch (kind) {
    case "age": {
      const key = await generateAgeKey(hybrid ? "hybrid" : "x25519", new Date());
      await writePrivate(out, key.file);
      io.stdout(`${key.recipient}\n`);
      return 0;
    }
    case "signing": {
      if (hybrid) throw usage("--post-quantum goes with keygen age");
      const key = generateSigningKey();
      await writePrivate(out, key.privatePem);
      io.stdout(`${key.verifyKey}\n`);
      return 0;
    }
    default:
      throw usage("keygen needs the kind of key: age or signing");
  }
};

async function writePrivate(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    const problem =
      code === "EEXIST"
        ? "exists already and is not overwritten; move it away or choose another name"
        : `cannot be written (${code ?? "?"})`;
    throw new AgentError("output_failed", `${named(path)} ${problem}`);
  }
}
