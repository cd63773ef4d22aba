import assert from "node:assert/strict";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { authority, certificateFor, type Certificate } from "../support/certificate.ts";
import { opened, portOf } from "../support/names-here.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

/** An https origin of an artifact, whose certificate and whose view of clients a test changes. */
class SecuredOrigin {
  /** The fingerprint of the client certificate that came with each request; undefined without one. */
  readonly shown: (string | undefined)[] = [];
  connections = 0;
  url = "";
  readonly #server: Server;
  #artifact = "";

  private constructor(options: ServerOptions, listener?: RequestListener) {
    this.#server = createServer(options, (request, response) => {
      const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
      this.shown.push(certificate?.fingerprint256);
      if (listener === undefined) response.end(this.#artifact);
      else listener(request, response);
    });
    this.#server.on("secureConnection", () => this.connections++);
  }

  static async start(
    t: TestContext,
    options: ServerOptions,
    listener?: RequestListener,
  ): Promise<SecuredOrigin> {
    const origin = new SecuredOrigin(options, listener);
    origin.url = `https://127.0.0.1:${portOf(await opened(t, origin.#server))}/api.json`;
    await origin.changes();
    return origin;
  }

  /** Holds another artifact; gives its revision. */
  async changes(): Promise<string> {
    this.#artifact = await pack({ secrets: { KEY: String(Math.random()) } });
    return (JSON.parse(this.#artifact) as { revision: string }).revision;
  }

  use(certificate: Certificate): void {
    this.#server.setSecureContext({ ...certificate });
  }
}

/** A directory as kubelet projects a volume: files behind a link that is replaced as one. */
class Volume {
  readonly directory: string;
  #state = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async of(t: TestContext, files: Readonly<Record<string, string>>): Promise<Volume> {
    const volume = new Volume(await temporaryDirectory(t));
    await volume.put(files);
    for (const name of Object.keys(files)) {
      await symlink(join("..data", name), volume.path(name));
    }
    return volume;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async put(files: Readonly<Record<string, string>>): Promise<void> {
    const state = `..${++this.#state}`;
    await mkdir(this.path(state));
    for (const [name, text] of Object.entries(files)) {
      await writeFile(this.path(join(state, name)), text);
    }
    await symlink(state, this.path("..next"));
    await rename(this.path("..next"), this.path("..data"));
  }
}

const HOST = ["127.0.0.1"];

function start(t: TestContext, env: Readonly<Record<string, string>>): AgentProcess {
  return AgentProcess.start(t, { CLEF_AGENT_AGE_KEY: AGE_IDENTITY, ...env });
}

/**
 * Looks at the source until a poll has ended that began after this was called: the first of two new revisions
 * may be seen by a poll that was under way, and had read its files before.
 */
async function polls(agent: AgentProcess, origin: SecuredOrigin): Promise<void> {
  const hangUps = setInterval(() => agent.child.kill("SIGHUP"), 20);
  try {
    for (let count = 0; count < 2; count++) {
      const revision = await origin.changes();
      await eventually(`revision ${revision} is served; so far:\n${agent.stderr}`, async () => {
        const { body } = await agent.get("/v1/health");
        return (JSON.parse(body) as { revision: string }).revision === revision;
      });
    }
  } finally {
    clearInterval(hangUps);
  }
}

function assertNothingFailed(agent: AgentProcess): void {
  const failures = agent.log.filter(({ event }) => event === "fetch.failed");
  assert.deepEqual(failures, []);
}

describe("a CA that is rotated, as trust-manager does it", { concurrency: true }, () => {
  test("is in use at the next poll, five times over, without a restart and without a failed poll", async (t) => {
    let current = authority();
    const origin = await SecuredOrigin.start(t, certificateFor(HOST, { issuer: current }));
    const volume = await Volume.of(t, { "ca.crt": current.cert });
    const agent = start(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_CA_FILE: volume.path("ca.crt"),
    });
    await agent.ready();
    for (let turn = 0; turn < 5; turn++) {
      const next = authority();
      await volume.put({ "ca.crt": current.cert + next.cert });
      await polls(agent, origin);
      origin.use(certificateFor(HOST, { issuer: next }));
      await polls(agent, origin);
      const before = origin.connections;
      await volume.put({ "ca.crt": next.cert });
      await polls(agent, origin);
      assert.ok(origin.connections > before, "what the old CA vouched for is not used again");
      current = next;
    }
    await agent.stop();
    assertNothingFailed(agent);
  });

  test("takes with it the connection that is open, and the server is untrusted until it follows", async (t) => {
    const [old, next] = [authority(), authority()];
    const origin = await SecuredOrigin.start(t, certificateFor(HOST, { issuer: old }));
    const volume = await Volume.of(t, { "ca.crt": old.cert });
    const agent = start(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_CA_FILE: volume.path("ca.crt"),
    });
    await agent.ready();
    await polls(agent, origin);
    await volume.put({ "ca.crt": next.cert });
    agent.child.kill("SIGHUP");
    const { code } = await agent.logged("a refusal", ({ event }) => event === "fetch.failed");
    assert.equal(code, "source_untrusted");
    origin.use(certificateFor(HOST, { issuer: next }));
    await polls(agent, origin);
    await agent.stop();
  });
});

describe("a client certificate", { concurrency: true }, () => {
  const fingerprintOf = (origin: SecuredOrigin): string => origin.shown.at(-1) ?? "none";

  async function asking(
    t: TestContext,
    listener?: RequestListener,
  ): Promise<{
    readonly origin: SecuredOrigin;
    readonly issue: () => Certificate;
    readonly ca: string;
  }> {
    const ca = authority();
    const own = certificateFor(HOST, { issuer: ca });
    const options = { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
    const origin = await SecuredOrigin.start(t, options, listener);
    return { origin, issue: () => certificateFor(["agent"], { issuer: ca }), ca: ca.cert };
  }

  test("that is rotated is shown at the next poll; of a pair that does not match the old one stays, with a warning", async (t) => {
    const { origin, issue, ca } = await asking(t);
    let { cert, key } = issue();
    const volume = await Volume.of(t, { "tls.crt": cert, "tls.key": key, "ca.crt": ca });
    const agent = start(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_CA_FILE: volume.path("ca.crt"),
      CLEF_AGENT_CLIENT_CERT_FILE: volume.path("tls.crt"),
      CLEF_AGENT_CLIENT_KEY_FILE: volume.path("tls.key"),
    });
    await agent.ready();
    for (let turn = 0; turn < 3; turn++) {
      const before = fingerprintOf(origin);
      const next = issue();
      // One file is new and the other old, as where two files are written one by one.
      await volume.put({ "tls.crt": next.cert, "tls.key": key, "ca.crt": ca });
      await polls(agent, origin);
      assert.equal(fingerprintOf(origin), before);
      ({ cert, key } = next);
      await volume.put({ "tls.crt": cert, "tls.key": key, "ca.crt": ca });
      await polls(agent, origin);
      assert.notEqual(fingerprintOf(origin), before);
    }
    await agent.stop();
    assertNothingFailed(agent);
    const warnings = agent.log
      .filter(({ level }) => level === "warn")
      .map(({ message }) => message);
    const expected =
      "the client certificate in use stays: the key in CLEF_AGENT_CLIENT_KEY_FILE does not belong to the certificate in CLEF_AGENT_CLIENT_CERT_FILE";
    assert.equal(warnings.filter((message) => message === expected).length, 3);
  });

  test("goes to the source and not to another host that it redirects to", async (t) => {
    const ca = authority();
    const elsewhere = await SecuredOrigin.start(t, {
      ...certificateFor(HOST, { issuer: ca }),
      requestCert: true,
      rejectUnauthorized: false,
    });
    const {
      origin,
      issue,
      ca: own,
    } = await asking(t, (_, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    const { cert, key } = issue();
    const volume = await Volume.of(t, {
      "tls.crt": cert,
      "tls.key": key,
      "ca.crt": own + ca.cert,
    });
    const agent = start(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_CA_FILE: volume.path("ca.crt"),
      CLEF_AGENT_CLIENT_CERT_FILE: volume.path("tls.crt"),
      CLEF_AGENT_CLIENT_KEY_FILE: volume.path("tls.key"),
    });
    await agent.ready();
    await agent.stop();
    assert.ok(origin.shown.every((one) => one !== undefined));
    assert.notEqual(elsewhere.shown.length, 0);
    assert.ok(elsewhere.shown.every((one) => one === undefined));
  });
});
