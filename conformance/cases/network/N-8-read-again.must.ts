import { writeFile } from "node:fs/promises";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { Authority } from "../../tools/certificate.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { pemFile, secureOrigin } from "../../tools/secure-origin.ts";

export const cases: readonly Case[] = [
  {
    name: "trust what its file holds now, and no longer what it held",
    needs: ["tls"],
    run: async (world) => {
      const [authority, other] = [new Authority(), new Authority()];
      const secrets = { KEY: secretValue() };
      const source = await secureOrigin(world, authority.issue(["127.0.0.1"]), pack(secrets));
      const file = await pemFile(world, other.pem);
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: source,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_CA_FILE: file,
      });
      await agent.logged("source_untrusted");
      await writeFile(file, authority.pem);
      await agent.serves(secrets);
      await writeFile(file, other.pem);
      agent.stderr = "";
      agent.signal("SIGHUP");
      await agent.logged("source_untrusted");
    },
  },
];
