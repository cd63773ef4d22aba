import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { Authority } from "../../tools/certificate.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { pemFile, secureOrigin } from "../../tools/secure-origin.ts";

const VARIABLES = ["CLEF_AGENT_CA_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"];

export const cases: readonly Case[] = [
  ...VARIABLES.map((variable): Case => ({
    name: `an origin whose CA is in ${variable}`,
    needs: ["tls"],
    run: async (world) => {
      const authority = new Authority();
      const secrets = { KEY: secretValue() };
      const source = await secureOrigin(world, authority.issue(["127.0.0.1"]), pack(secrets));
      const file = await pemFile(world, new Authority().pem, authority.pem);
      const value = variable === "SSL_CERT_DIR" ? path.dirname(file) : file;
      const env = { CLEF_AGENT_SOURCE: source, CLEF_AGENT_AGE_KEY: AGE.identity };
      await (await world.agent({ ...env, [variable]: value })).serves(secrets);
    },
  })),
  {
    name: "an origin whose CA is in CLEF_AGENT_CA_FILE, which alone is trusted",
    needs: ["tls"],
    run: async (world) => {
      const authority = new Authority();
      const secrets = { KEY: secretValue() };
      const source = await secureOrigin(world, authority.issue(["127.0.0.1"]), pack(secrets));
      const env = {
        CLEF_AGENT_CA_FILE: await pemFile(world, authority.pem),
        CLEF_AGENT_CA_ONLY: "true",
      };
      await (
        await world.agent({ ...env, CLEF_AGENT_SOURCE: source, CLEF_AGENT_AGE_KEY: AGE.identity })
      ).serves(secrets);
    },
  },
];
