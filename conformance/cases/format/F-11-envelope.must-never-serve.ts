import type { Case } from "../../suite/case.ts";
import { body, type Artifact } from "../../tools/artifact.ts";
import { type Clouds, KEYS, type Provider, startClouds } from "../../tools/clouds.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

/** With the hash that belongs to it, which nobody signed. */
function flipped(artifact: Artifact): Artifact {
  const bytes = Buffer.from(String(artifact["ciphertext"]), "base64");
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return { ...artifact, ...body(bytes.toString("base64")) };
}

function withEnvelope(artifact: Artifact, fields: Artifact): Artifact {
  return { ...artifact, envelope: { ...(artifact["envelope"] as Artifact), ...fields } };
}

type Make = (clouds: Clouds) => Artifact;
const packed = (clouds: Clouds): Artifact => clouds.pack("aws", { KEY: secretValue() });

const WRONG: Readonly<Record<string, readonly [string, Make]>> = {
  "a ciphertext of which a bit was changed": ["decrypt", (clouds) => flipped(packed(clouds))],
  "another iv": [
    "decrypt",
    (clouds) => withEnvelope(packed(clouds), { iv: Buffer.alloc(12).toString("base64") }),
  ],
  "another authTag": [
    "decrypt",
    (clouds) => withEnvelope(packed(clouds), { authTag: Buffer.alloc(16).toString("base64") }),
  ],
  "a wrapped key that the KMS did not wrap": [
    "kms_unwrap",
    (clouds) => withEnvelope(packed(clouds), { wrappedKey: Buffer.alloc(256).toString("base64") }),
  ],
  "another algorithm": [
    "kms_unwrap",
    (clouds) => withEnvelope(packed(clouds), { algorithm: "RSAES_OAEP_SHA_256" }),
  ],
};

export const cases: readonly Case[] = [
  ...Object.entries(WRONG).map(([name, [reason, make]]): Case => ({
    name: `an envelope with ${name}`,
    needs: ["kms", "proxy", "tls"],
    run: async (world) => {
      const clouds = await startClouds(world);
      const { agent } = await startOn(world, make(clouds), {
        ...clouds.env,
        CLEF_AGENT_STARTUP_TIMEOUT: "4",
      });
      await agent.logged(reason);
      equal((await agent.get("/v1/secrets")).status, 503, "the status");
      equal(await agent.ended(), 1, "its exit code");
    },
  })),
  ...(Object.keys(KEYS) as Provider[]).map((provider): Case => ({
    name: `an artifact whose data key the KMS of ${provider} does not unwrap`,
    needs: ["kms", "proxy", "tls"],
    run: async (world) => {
      const clouds = await startClouds(world);
      clouds.denies = true;
      const artifact = clouds.pack(provider, { KEY: secretValue() });
      const { agent } = await startOn(world, artifact, {
        ...clouds.env,
        CLEF_AGENT_STARTUP_TIMEOUT: "0",
      });
      await agent.logged("kms_unwrap");
      equal((await agent.get("/v1/secrets")).status, 503, "the status");
    },
  })),
];
