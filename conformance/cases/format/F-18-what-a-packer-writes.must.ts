import type { Case } from "../../suite/case.ts";
import type { World } from "../../suite/world.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";

async function packed(world: World): Promise<Readonly<Record<string, unknown>>> {
  const args = [
    "pack",
    "--identity",
    "api",
    "--environment",
    "production",
    "--recipient",
    AGE.recipient,
  ];
  const packer = await world.agent(
    { CLEF_AGENT_PORT: undefined, CLEF_AGENT_TOKEN: undefined },
    args,
  );
  packer.input('{"KEY":"one"}');
  equal(await packer.ended(), 0, "the exit code of pack");
  return JSON.parse(packer.stdout) as Readonly<Record<string, unknown>>;
}

export const cases: readonly Case[] = [
  {
    name: "write a revision of milliseconds and 8 hex digits, new with every pack",
    needs: ["commands"],
    run: async (world) => {
      const [one, two] = [await packed(world), await packed(world)];
      for (const { version, identity, environment, revision, packedAt } of [one, two]) {
        equal([version, identity, environment], [1, "api", "production"], "its header");
        const [, milliseconds] = /^(\d{13})-[0-9a-f]{8}$/.exec(String(revision)) ?? [];
        equal(
          Number(milliseconds),
          Date.parse(String(packedAt)),
          "the milliseconds of its revision",
        );
      }
      ensure(one["revision"] !== two["revision"], "two packs have one revision");
      ensure(one["ciphertext"] !== two["ciphertext"], "two packs have one ciphertext");
    },
  },
];
