import type { Case } from "../../suite/case.ts";
import { type Artifact, pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import type { Origin } from "../../tools/origin.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const TTL = 30;
const signWith = ED25519;

/** Answers of an origin that vouch for nothing. */
const ORIGINS: Readonly<Record<string, (origin: Origin, served: Artifact) => void>> = {
  "cannot be reached": (origin) => origin.hangUp(),
  "answers 500": (origin) => origin.refuse(500),
  "answers 404": (origin) => origin.refuse(404),
  "holds what another key signed": (origin) =>
    origin.put(pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 })),
  "holds what is served, with its signature spoilt": (origin, served) =>
    origin.put({ ...served, signature: Buffer.alloc(64).toString("base64") }),
  "holds an older artifact": (origin) =>
    origin.put(pack({ KEY: secretValue() }, { signWith, packedAt: new Date(Date.now() - 60_000) })),
};

export const cases: readonly Case[] = Object.entries(ORIGINS).map(([name, spoil]): Case => ({
  name: `anything past the TTL, while the origin ${name}`,
  waitsSeconds: TTL + 5,
  run: async (world) => {
    const artifact = pack({ KEY: secretValue() }, { signWith });
    const { agent, origin } = await servingOn(world, artifact, {
      CLEF_AGENT_CACHE_TTL: String(TTL),
      CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
    });
    const servedAt = performance.now();
    spoil(origin, artifact);
    await sleep(TTL - 8);
    equal((await agent.get("/v1/secrets")).status, 200, "the status within the TTL");
    ensure(origin.asked.length > 1, "the origin was not asked again");
    await sleep(TTL + 1 - (performance.now() - servedAt) / 1000);
    equal((await agent.get("/v1/secrets")).status, 503, "the status past the TTL");
    equal((await agent.get("/v1/ready")).json("reason"), "cache_expired", "the reason");
  },
}));
