import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const signWith = ED25519;
const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };

export const cases: readonly Case[] = [
  {
    name: "a revision that was revoked, once more",
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith });
      const started = await servingOn(world, artifact, env);
      const { agent } = started;
      await hold(started, marker());
      await agent.refuses("revoked");
      await hold(started, artifact);
      await agent.logged("rollback");
      equal((await agent.get("/v1/secrets")).status, 503, "the status of what was revoked");
      const newer = { KEY: secretValue() };
      await hold(started, pack(newer, { signWith }));
      await agent.serves(newer);
    },
  },
];
