import type { Case } from "../suite/case.ts";
import { type Provider, startClouds } from "./clouds.ts";
import { equal } from "./expect.ts";
import { ED25519 } from "./keys.ts";
import { secretValue } from "./secret-texts.ts";
import { startOn } from "./verdict.ts";

/** An artifact under a data key that this KMS unwraps is served, signed. */
export function enveloped(provider: Provider, name: string, keyId?: string): Case {
  return {
    name,
    needs: ["kms", "proxy", "tls"],
    run: async (world) => {
      const clouds = await startClouds(world);
      const secrets = { KEY: secretValue(), app: { KEY: secretValue() } };
      const artifact = clouds.pack(provider, secrets, {
        signWith: ED25519,
        ...(keyId !== undefined && { keyId }),
      });
      const { agent } = await startOn(world, artifact, {
        ...clouds.env,
        CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
      });
      await agent.serves(secrets);
      equal(clouds.unwrapped, 1, "how often the KMS was asked");
    },
  };
}
