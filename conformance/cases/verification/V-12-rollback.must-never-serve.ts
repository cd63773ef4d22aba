import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, holdRefused, servingOn } from "../../tools/verdict.ts";

const signWith = ED25519;
const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };

export const cases: readonly Case[] = [
  {
    name: "an older artifact after a newer one, signed",
    run: async (world) => {
      const older = pack({ KEY: secretValue() }, { signWith });
      const started = await servingOn(world, pack({ KEY: secretValue() }, { signWith }), env);
      await holdRefused(started, older, "rollback");
    },
  },
  {
    name: "the first artifact after the second, which it served both",
    run: async (world) => {
      const first = pack({ KEY: secretValue() }, { signWith });
      const second = { KEY: secretValue() };
      const started = await servingOn(world, first, env);
      await hold(started, pack(second, { signWith }));
      await started.agent.serves(second);
      await holdRefused(started, first, "rollback");
    },
  },
  {
    name: "an artifact that is a millisecond older, though its revision sorts after",
    run: async (world) => {
      const now = Date.now();
      const older = pack(
        { KEY: secretValue() },
        { signWith, packedAt: new Date(now - 1), fields: { revision: "9999999999999-ffffffff" } },
      );
      const newer = pack({ KEY: secretValue() }, { signWith, packedAt: new Date(now) });
      const started = await servingOn(world, newer, env);
      await holdRefused(started, older, "rollback");
    },
  },
];
