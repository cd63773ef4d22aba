import type { Case } from "../../suite/case.ts";
import { type Artifact, marker, pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const MARKERS: Readonly<Record<string, Artifact>> = {
  "version, identity, environment and revokedAt": marker(),
  "revokedAt alone": { revokedAt: new Date().toISOString() },
  "a date written by hand": { revokedAt: "yesterday, by Ann" },
  "the word now": { revokedAt: "now" },
  true: { revokedAt: true },
  "a number": { revokedAt: 1_700_000_000 },
  "the number 0": { revokedAt: 0 },
  "an empty text": { revokedAt: "" },
  "a list": { revokedAt: [] },
  "another version": { version: 2, identity: "api", environment: "production", revokedAt: "now" },
  "a date that is yet to come": marker({ revokedAt: "2099-01-01T00:00:00.000Z" }),
  "a signature of nobody": marker({ signature: "AAAA", signatureAlgorithm: "Ed25519" }),
};

const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };

export const cases: readonly Case[] = [
  ...Object.entries(MARKERS).map(([name, made]): Case => ({
    name: `anything after a marker of ${name}`,
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
      const started = await servingOn(world, artifact, env);
      await hold(started, made);
      await started.agent.refuses("revoked");
      const answer = await started.agent.get("/v1/secrets");
      equal([answer.status, answer.json("error")], [503, "Artifact revoked"], "the answer");
    },
  })),
  {
    name: "an artifact with everything in it and a revokedAt, from the start",
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { fields: { revokedAt: "now" } });
      const started = await servingOn(world, pack({ OLD: secretValue() }));
      await hold(started, artifact);
      await started.agent.refuses("revoked");
    },
  },
];
