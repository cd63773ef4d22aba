import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { cached } from "../../tools/cached.ts";
import { ensure, eventually } from "../../tools/expect.ts";
import { filesBelow } from "../../tools/folders.ts";
import { ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { holdRefused } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "keep what was verified, encrypted, and nothing else",
    needs: ["cache"],
    run: async (world) => {
      const value = secretValue();
      const artifact = pack({ KEY: value }, { signWith: ED25519 });
      const started = await cached(world, artifact, { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey });
      const { cache, agent } = started;
      for (let n = 0; n < 5; n++) await agent.get("/v1/secrets/KEY");
      const holds = async (text: string): Promise<boolean> =>
        [...(await filesBelow(cache).catch(() => new Map<string, Buffer>())).values()].some(
          (bytes) => bytes.includes(text),
        );
      await eventually("the cache holds the artifact", () => holds(String(artifact["ciphertext"])));
      const refused = pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 });
      await holdRefused(started, refused, "signature_invalid");
      ensure(!(await holds(String(refused["ciphertext"]))), "it holds what was refused");
      ensure(!(await holds(value)), "it holds a secret in clear");
      ensure(
        !(await holds(Buffer.from(value).toString("base64").slice(0, 16))),
        "it holds a secret in base64",
      );
    },
  },
];
