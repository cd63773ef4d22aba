import { generateKeyPairSync } from "node:crypto";
import type { Case } from "../../suite/case.ts";
import { newAgeKey } from "../../tools/age.ts";
import { ensure } from "../../tools/expect.ts";

function privatePem(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return privateKey.export({ format: "pem", type: "pkcs8" });
}

const PLACES: readonly (readonly string[])[] = [
  ["KEY"],
  ["run", "KEY"],
  ["--KEY"],
  ["run", "--token", "KEY"],
  ["--verify-key=KEY"],
];

export const cases: readonly Case[] = PLACES.map((args): Case => ({
  name: `a key that was given in a wrong place, as ${args.join(" ")}`,
  run: async (world) => {
    const pem = privatePem();
    for (const key of [newAgeKey().identity, pem, pem.replaceAll("\n", " ")]) {
      const agent = await world.agent(
        {},
        args.map((arg) => arg.replace("KEY", key)),
      );
      await agent.ended();
      const secret = key.startsWith("AGE") ? key.slice(16) : key.slice(40, 80);
      ensure(!`${agent.stdout}${agent.stderr}`.includes(secret), "it prints the key");
    }
  },
}));
