import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "an older artifact, with a warning",
    run: async (world) => {
      const older = { KEY: secretValue() };
      const artifact = pack(older);
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      await hold(started, artifact);
      await started.agent.serves(older);
      await started.agent.logged("rollback");
    },
  },
  {
    name: "other secrets under the same revision, with a warning",
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() });
      const started = await servingOn(world, artifact);
      const other = { KEY: secretValue() };
      await hold(started, pack(other, { fields: { revision: artifact["revision"] } }));
      await started.agent.serves(other);
      await started.agent.logged("revision_conflict");
    },
  },
  {
    name: "a revision that was revoked, with a warning",
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const artifact = pack(secrets);
      const started = await servingOn(world, artifact);
      await hold(started, marker());
      await started.agent.refuses("revoked");
      await hold(started, artifact);
      await started.agent.serves(secrets);
    },
  },
];
