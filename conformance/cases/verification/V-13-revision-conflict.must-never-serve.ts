import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { holdRefused, servingOn } from "../../tools/verdict.ts";

const signWith = ED25519;
const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };

export const cases: readonly Case[] = [
  {
    name: "other secrets under an accepted revision, signed and of the same moment",
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith });
      const started = await servingOn(world, artifact, env);
      const { revision, packedAt } = artifact;
      const other = pack({ KEY: secretValue() }, { signWith, fields: { revision, packedAt } });
      await holdRefused(started, other, "revision_conflict");
    },
  },
  {
    name: "other secrets under an accepted revision, packed later",
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith });
      const started = await servingOn(world, artifact, env);
      const { revision } = artifact;
      const other = pack({ KEY: secretValue() }, { signWith, fields: { revision } });
      await holdRefused(started, other, "revision_conflict");
    },
  },
];
