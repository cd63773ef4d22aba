import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { Authority, type Certificate } from "../../tools/certificate.ts";
import type { Environment } from "../../tools/agent.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { pemFile, secureOrigin } from "../../tools/secure-origin.ts";

interface Untrusted {
  readonly certificate: (authority: Authority) => Certificate;
  readonly variable?: string;
  readonly env?: Environment;
}

const good = (authority: Authority): Certificate => authority.issue(["127.0.0.1"]);

const CERTIFICATES: Readonly<Record<string, Untrusted>> = {
  "of a CA that nobody named": { certificate: () => good(new Authority()) },
  "for another name": { certificate: (authority) => authority.issue(["artifacts.example.test"]) },
  "for another address": { certificate: (authority) => authority.issue(["127.0.0.2"]) },
  "that has expired": {
    certificate: (authority) => authority.issue(["127.0.0.1"], "210101000000Z"),
  },
  "of a CA beside the one that alone is trusted": {
    certificate: good,
    variable: "SSL_CERT_FILE",
    env: { CLEF_AGENT_CA_ONLY: "true" },
  },
};

export const cases: readonly Case[] = Object.entries(CERTIFICATES).map(
  ([name, { certificate, variable, env }]): Case => ({
    name: `an origin with a certificate ${name}`,
    needs: ["tls"],
    run: async (world) => {
      const authority = new Authority();
      const source = await secureOrigin(
        world,
        certificate(authority),
        pack({ KEY: secretValue() }),
      );
      const trusted = { CLEF_AGENT_CA_FILE: await pemFile(world, new Authority().pem) };
      const agent = await world.agent({
        ...trusted,
        [variable ?? "CLEF_AGENT_CA_FILE"]: await pemFile(world, authority.pem),
        ...env,
        CLEF_AGENT_SOURCE: source,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_STARTUP_TIMEOUT: "4",
      });
      equal(await agent.ended(), 1, "the exit code");
      ensure(agent.stderr.includes("source_untrusted"), "the log does not say source_untrusted");
    },
  }),
);
