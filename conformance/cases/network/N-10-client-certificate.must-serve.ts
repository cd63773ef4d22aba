import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { Authority } from "../../tools/certificate.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { startSecure } from "../../tools/proxy.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { pemFile } from "../../tools/secure-origin.ts";

export const cases: readonly Case[] = [
  {
    name: "from an origin that asks for a client certificate, and not without one",
    needs: ["tls"],
    run: async (world) => {
      const [servers, clients] = [new Authority(), new Authority()];
      const secrets = { KEY: secretValue() };
      const options = {
        ...servers.issue(["127.0.0.1"]),
        ca: clients.pem,
        requestCert: true,
        rejectUnauthorized: true,
      };
      const artifact = JSON.stringify(pack(secrets));
      const port = await startSecure(
        world,
        options,
        (_request, response) => void response.end(artifact),
      );
      const client = clients.issue(["agent"]);
      const env = {
        CLEF_AGENT_SOURCE: `https://127.0.0.1:${port}/x`,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_CA_FILE: await pemFile(world, servers.pem),
      };
      const [cert, key] = [await pemFile(world, client.cert), await pemFile(world, client.key)];
      const pair = { CLEF_AGENT_CLIENT_CERT_FILE: cert, CLEF_AGENT_CLIENT_KEY_FILE: key };
      await (await world.agent({ ...env, ...pair })).serves(secrets);
      const without = await world.agent({ ...env, CLEF_AGENT_STARTUP_TIMEOUT: "1" });
      equal(await without.ended(), 1, "the exit code without one");
    },
  },
];
