import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "put flat input into a namespace, and sign with CLEF_SIGNING_KEY",
    needs: ["commands"],
    run: async (world) => {
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const KEY = secretValue();
      const args = [
        "pack",
        "--identity",
        "api",
        "--environment",
        "production",
        "--recipient",
        AGE.recipient,
        "--namespace",
        "app",
      ];
      const packer = await world.agent(
        {
          CLEF_AGENT_PORT: undefined,
          CLEF_AGENT_TOKEN: undefined,
          CLEF_SIGNING_KEY: privateKey.export({ format: "pem", type: "pkcs8" }),
        },
        args,
      );
      packer.input(JSON.stringify({ KEY }));
      equal(await packer.ended(), 0, "the exit code");
      const file = path.join(await world.directory(), "artifact.json");
      await writeFile(file, packer.stdout);
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: file,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_VERIFY_KEY: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
      });
      await agent.serves({ app: { KEY } });
    },
  },
];
