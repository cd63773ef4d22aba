import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import type { World } from "../../suite/world.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import { modeOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";

async function ran(
  world: World,
  args: readonly string[],
  input = "",
  env: Record<string, string> = {},
): Promise<string> {
  const agent = await world.agent(
    { CLEF_AGENT_PORT: undefined, CLEF_AGENT_TOKEN: undefined, ...env },
    args,
  );
  agent.input(input);
  equal(
    await agent.ended(),
    0,
    `the exit code of ${args.join(" ")} (${agent.stderr.slice(0, 200)})`,
  );
  return agent.stdout;
}

const FOR = ["--identity", "api", "--environment", "production"];

export const cases: readonly Case[] = [
  {
    name: "make keys and pack with them what an agent serves, and revoke it",
    needs: ["commands"],
    run: async (world) => {
      const folder = await world.directory();
      const [age, signing, artifact] = ["age.key", "signing.pem", "artifact.json"].map((name) =>
        path.join(folder, name),
      );
      const recipient = (await ran(world, ["keygen", "age", "--out", String(age)])).trim();
      const verifyKey = (await ran(world, ["keygen", "signing", "--out", String(signing)])).trim();
      equal(
        [await modeOf(String(age)), await modeOf(String(signing))],
        ["0600", "0600"],
        "the modes of the keys",
      );
      const secrets = { app: { KEY: secretValue() } };
      const args = [
        "pack",
        ...FOR,
        "--recipient",
        recipient,
        "--signing-key",
        String(signing),
        "--out",
        String(artifact),
      ];
      await ran(world, args, JSON.stringify(secrets));
      await ran(world, ["inspect", String(artifact)]);
      await ran(world, ["verify", String(artifact), "--verify-key", verifyKey]);
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: artifact,
        CLEF_AGENT_AGE_KEY_FILE: age,
        CLEF_AGENT_VERIFY_KEY: verifyKey,
      });
      await agent.serves(secrets);
      await ran(world, ["revoke", String(artifact)]);
      const { revokedAt } = JSON.parse(await readFile(String(artifact), "utf8")) as {
        readonly revokedAt: string;
      };
      ensure(!Number.isNaN(Date.parse(revokedAt)), "revoke wrote no marker");
      await agent.refuses("revoked", 10);
    },
  },
  {
    name: "say by verify's exit code whether an agent would accept it",
    needs: ["commands"],
    run: async (world) => {
      const file = path.join(await world.directory(), "artifact.json");
      const good = pack({ KEY: secretValue() }, { signWith: ED25519 });
      const CODES = [
        [good, 0],
        [pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 }), 1],
        [{ ...good, identity: "web" }, 1],
        [pack({ KEY: secretValue() }, { signWith: ED25519, expiresAt: new Date(0) }), 1],
        [{ revokedAt: "now" }, 1],
      ] as const;
      for (const [artifact, code] of CODES) {
        await writeFile(file, JSON.stringify(artifact));
        const agent = await world.agent(
          { CLEF_AGENT_PORT: undefined, CLEF_AGENT_TOKEN: undefined },
          ["verify", file, "--verify-key", ED25519.verifyKey],
        );
        equal(
          await agent.ended(),
          code,
          `the exit code for ${JSON.stringify(artifact).slice(0, 80)}`,
        );
      }
    },
  },
];
