import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { exchange } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

/** Hosts as a browser or a proxy would send them for a name that leads to 127.0.0.1. */
const HOSTS: Readonly<Record<string, (port: number) => string>> = {
  "another name": () => "example.com",
  "another name with the port": (port) => `example.com:${port}`,
  "a name that ends in localhost": () => "evil.localhost",
  "a name that begins with 127.0.0.1": (port) => `127.0.0.1.example.com:${port}`,
  "another port": (port) => `127.0.0.1:${port + 1}`,
  "a port of nothing": () => "127.0.0.1:",
  "another address of loopback": (port) => `127.0.0.2:${port}`,
  "all addresses": (port) => `0.0.0.0:${port}`,
  "an address written short": () => "127.1",
  "an address written as a number": () => "2130706433",
  "an address of IPv6 without brackets": () => "::1",
  "a user before it": (port) => `user@127.0.0.1:${port}`,
  "a dot after it": () => "localhost.",
  "a blank in it": () => "127.0.0.1 example.com",
  "a list": (port) => `127.0.0.1:${port}, example.com`,
  nothing: () => "",
};

export const cases: readonly Case[] = [
  ...Object.entries(HOSTS).map(([name, host]): Case => ({
    name: `a request with the Host of ${name}`,
    run: async (world) => {
      const value = secretValue();
      const { agent } = await servingOn(world, pack({ KEY: value }));
      for (const path of [
        "/v1/secrets",
        "/v1/secrets/KEY",
        "/v1/keys",
        "/v1/health",
        "/v1/ready",
      ]) {
        const answer = await agent.get(path, { headers: { host: host(agent.port) } });
        ensure([400, 403].includes(answer.status), `${path} is ${answer.status}`);
        ensure(!answer.body.includes(value), `${path} gives the secret`);
        if (answer.status === 403)
          equal(answer.json("error"), "Forbidden: invalid Host header", path);
      }
    },
  })),
  {
    name: "a request without a Host, of HTTP/1.0 too",
    run: async (world) => {
      const value = secretValue();
      const { agent } = await servingOn(world, pack({ KEY: value }));
      for (const version of ["1.1", "1.0"]) {
        const head = `GET /v1/secrets HTTP/${version}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
        const answer = await exchange(agent.port, head, undefined, 5_000);
        ensure(/^HTTP\/1\.1 40[03] /.test(answer), `HTTP/${version} is ${answer.split("\r\n")[0]}`);
        ensure(!answer.includes(value), `HTTP/${version} gives the secret`);
      }
    },
  },
];
