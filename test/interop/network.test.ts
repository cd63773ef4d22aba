import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { freePort } from "../../scripts/free-port.ts";
import { AgentProcess, type LogLine } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { type Authority, authority, certificateFor } from "../support/certificate.ts";
import { installedProgram, startProgram } from "../support/program.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

/** What leads to this machine and is not called loopback: that never goes through a proxy. */
const HERE = hostname();
const isNamed = await lookup(HERE).then(
  () => true,
  () => false,
);

/** Why tests with a program of .ci/install-interop are passed over, or false. */
function without(name: string, program: string | undefined, needsName = true): string | false {
  if (program === undefined) return `${name} is missing: .ci/install-interop`;
  return needsName && !isNamed && "the name of this machine leads nowhere";
}

/** An origin of one artifact, by its name; over TLS with a certificate of `ca`. */
async function origin(t: TestContext, ca?: Authority): Promise<string> {
  const artifact = await pack();
  const server: Server =
    ca === undefined
      ? createServer((_, response) => response.end(artifact))
      : createTlsServer(certificateFor([HERE], { issuer: ca }), (_, response) =>
          response.end(artifact),
        );
  // The name may be of any address of this machine.
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return `${ca === undefined ? "http" : "https"}://${HERE}:${port}/api.json`;
}

async function fileIn(t: TestContext, name: string, text: string): Promise<string> {
  const path = join(await temporaryDirectory(t), name);
  await writeFile(path, text);
  return path;
}

function start(t: TestContext, env: Readonly<Record<string, string>>): AgentProcess {
  return AgentProcess.start(t, { CLEF_AGENT_AGE_KEY: AGE_IDENTITY, ...env });
}

async function isReady(t: TestContext, env: Readonly<Record<string, string>>): Promise<void> {
  const agent = start(t, env);
  await agent.ready();
  await agent.stop();
  assert.doesNotMatch(agent.stderr, /fetch failed|pa-ss/);
}

async function fails(t: TestContext, env: Readonly<Record<string, string>>): Promise<LogLine> {
  const agent = start(t, env);
  const line = await agent.logged("a failure", ({ event }) => event === "fetch.failed");
  await agent.stop();
  assert.doesNotMatch(agent.stderr, /pa-ss/);
  return line;
}

const tinyproxy = installedProgram("bin/tinyproxy");

describe("tinyproxy", { skip: without("tinyproxy", tinyproxy) }, () => {
  /** Gives `host:port`; it asks for a password. */
  async function tiny(t: TestContext, more = ""): Promise<string> {
    const conf = join(await temporaryDirectory(t), "tinyproxy.conf");
    const { port } = await startProgram(t, tinyproxy ?? "", () => ["-d", "-c", conf], {
      before: (own) =>
        writeFile(conf, `Port ${own}\nListen 127.0.0.1\nBasicAuth agent pa-ss\n${more}`),
    });
    return `127.0.0.1:${port}`;
  }

  test("leads to an http and to an https source, with a password", async (t) => {
    const ca = authority();
    const proxy = `agent:pa-ss@${await tiny(t)}`;
    const CLEF_AGENT_CA_FILE = await fileIn(t, "ca.pem", ca.cert);
    await isReady(t, { CLEF_AGENT_SOURCE: await origin(t), HTTP_PROXY: proxy });
    const CLEF_AGENT_SOURCE = await origin(t, ca);
    await isReady(t, { CLEF_AGENT_SOURCE, HTTPS_PROXY: proxy, CLEF_AGENT_CA_FILE });
  });

  test("is named where it wants another password, or one at all", async (t) => {
    const proxy = await tiny(t);
    const [plain, secured] = ["http://x.example/a", "https://x.example/a"];
    for (const [CLEF_AGENT_SOURCE, variable, says] of [
      // Nobody can tell here who says 401, which is tinyproxy's word for a wrong password.
      [plain, "HTTP_PROXY", /answered 401 through the proxy in HTTP_PROXY .*those for the proxy/],
      [secured, "HTTPS_PROXY", /does not accept the user name and password in HTTPS_PROXY/],
    ] as const) {
      const asked = await fails(t, { CLEF_AGENT_SOURCE, [variable]: proxy });
      assert.match(String(asked["message"]), /asks for a user name and a password \(407\)/);
      const wrong = await fails(t, { CLEF_AGENT_SOURCE, [variable]: `agent:pa-ss-2@${proxy}` });
      assert.match(String(wrong["message"]), says);
    }
  });

  test("is named where it may not connect, and where it cannot", async (t) => {
    const closed = `https://${HERE}:${await freePort()}/a`;
    const strict = await fails(t, {
      CLEF_AGENT_SOURCE: closed,
      HTTPS_PROXY: `agent:pa-ss@${await tiny(t, "ConnectPort 443\n")}`,
    });
    assert.match(String(strict["message"]), /HTTPS_PROXY \(.*\) refused to connect there \(403\)/);
    const open = await fails(t, {
      CLEF_AGENT_SOURCE: closed,
      HTTPS_PROXY: `agent:pa-ss@${await tiny(t)}`,
    });
    assert.match(String(open["message"]), /HTTPS_PROXY \(.*\) could not connect there \(50\d\)/);
  });
});

const mitmdump = installedProgram("mitmproxy/bin/mitmdump");

test(
  "mitmproxy, which opens TLS, is trusted by its CA in CLEF_AGENT_CA_FILE, and named without it",
  { skip: without("mitmproxy", mitmdump) },
  async (t) => {
    const ca = authority();
    const directory = await temporaryDirectory(t);
    const upstream = await fileIn(t, "ca.pem", ca.cert);
    const { port } = await startProgram(t, mitmdump ?? "", (own) => [
      "--listen-host",
      "127.0.0.1",
      "--listen-port",
      String(own),
      "--quiet",
      "--set",
      `confdir=${directory}`,
      "--set",
      `ssl_verify_upstream_trusted_ca=${upstream}`,
      "--proxyauth",
      "agent:pa-ss",
    ]);
    const env = {
      CLEF_AGENT_SOURCE: await origin(t, ca),
      HTTPS_PROXY: `http://agent:pa-ss@127.0.0.1:${port}`,
    };
    // The CA of the origin does not help: the proxy shows a certificate of its own.
    const { code, message } = await fails(t, { ...env, CLEF_AGENT_CA_FILE: upstream });
    assert.equal(code, "source_untrusted");
    assert.match(
      String(message),
      /shows through the proxy in HTTPS_PROXY \(.*\) a certificate whose issuer is not trusted \(.*CLEF_AGENT_CA_FILE/,
    );
    await isReady(t, { ...env, CLEF_AGENT_CA_FILE: join(directory, "mitmproxy-ca-cert.pem") });
    await isReady(t, {
      ...env,
      CLEF_AGENT_CA_FILE: join(directory, "mitmproxy-ca-cert.pem"),
      CLEF_AGENT_CA_ONLY: "true",
    });
  },
);

const nginx = installedProgram("bin/nginx");

describe("nginx", { skip: without("nginx", nginx, false) }, () => {
  /** Serves an artifact to those with a certificate of `clients`, and notes whose it was. */
  async function serving(
    t: TestContext,
    { ca, clients }: { readonly ca: Authority; readonly clients: Authority },
  ): Promise<{ readonly url: string; readonly log: () => Promise<readonly string[]> }> {
    const directory = await temporaryDirectory(t);
    const at = (name: string): string => join(directory, name);
    const { cert, key } = certificateFor(["127.0.0.1"], { issuer: ca });
    await writeFile(at("cert.pem"), cert);
    await writeFile(at("key.pem"), key);
    await writeFile(at("clients.pem"), clients.cert);
    await writeFile(at("api.json"), await pack());
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${at(name)};`,
    );
    const conf = (port: number): string =>
      `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; master_process off; pid ${at("pid")}; error_log ${at("error.log")};
      events {}
      http {
        ${temporary.join(" ")}
        log_format clients '$ssl_client_serial $status';
        access_log ${at("access.log")} clients;
        server {
          listen 127.0.0.1:${port} ssl; root ${directory};
          ssl_certificate ${at("cert.pem")}; ssl_certificate_key ${at("key.pem")};
          ssl_client_certificate ${at("clients.pem")}; ssl_verify_client on;
        }
      }`;
    const { port } = await startProgram(
      t,
      nginx ?? "",
      () => ["-p", directory, "-e", at("error.log"), "-c", at("nginx.conf")],
      { before: (own) => writeFile(at("nginx.conf"), conf(own)) },
    );
    return {
      url: `https://127.0.0.1:${port}/api.json`,
      log: async () => (await readFile(at("access.log"), "utf8")).trim().split("\n"),
    };
  }

  async function pairIn(t: TestContext, clients: Authority): Promise<Record<string, string>> {
    const { cert, key } = certificateFor(["agent"], { issuer: clients });
    return {
      CLEF_AGENT_CLIENT_CERT_FILE: await fileIn(t, "cert.pem", cert),
      CLEF_AGENT_CLIENT_KEY_FILE: await fileIn(t, "key.pem", key),
    };
  }

  test("lets in by the client certificate, and by the next one without a restart", async (t) => {
    const [ca, clients] = [authority(), authority()];
    const { url, log } = await serving(t, { ca, clients });
    const pair = await pairIn(t, clients);
    const agent = start(t, {
      CLEF_AGENT_SOURCE: url,
      CLEF_AGENT_CA_FILE: await fileIn(t, "ca.pem", ca.cert),
      ...pair,
    });
    await agent.ready();
    const [first = ""] = (await log()).at(-1)?.split(" ") ?? [];
    assert.match(first, /^[0-9A-F]+$/);
    const next = certificateFor(["agent"], { issuer: clients });
    for (const [variable, text] of [
      ["CLEF_AGENT_CLIENT_CERT_FILE", next.cert],
      ["CLEF_AGENT_CLIENT_KEY_FILE", next.key],
    ] as const) {
      const path = pair[variable] ?? "";
      await replaceFile(path, text);
    }
    await eventually("a poll with the new one finds nothing new", async () => {
      agent.child.kill("SIGHUP");
      const [serial = "-", status] = (await log()).at(-1)?.split(" ") ?? [];
      return /^[0-9A-F]+$/.test(serial) && serial !== first && status === "304";
    });
    await agent.stop();
    assert.doesNotMatch(agent.stderr, /fetch failed/);
  });

  test("lets nobody in without one, or with one of somebody else's", async (t) => {
    const [ca, clients] = [authority(), authority()];
    const { url } = await serving(t, { ca, clients });
    const env = {
      CLEF_AGENT_SOURCE: url,
      CLEF_AGENT_CA_FILE: await fileIn(t, "ca.pem", ca.cert),
    };
    for (const pair of [{}, await pairIn(t, authority())]) {
      const { code, message } = await fails(t, { ...env, ...pair });
      assert.equal(code, "source_unexpected_answer");
      assert.match(String(message), /answered 400; .*client certificate/);
    }
  });
});
