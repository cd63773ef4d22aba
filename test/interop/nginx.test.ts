import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { freePort } from "../../scripts/free-port.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { pack } from "../support/artifacts.ts";
import { authority, certificateFor } from "../support/certificate.ts";
import { namesIn } from "../support/files.ts";
import { filesPlace } from "../support/files-place.ts";
import { nginx, ROOT } from "../support/interop.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const ROTATIONS = 10;
const CLIENTS = 4;
const CA = authority();
const program = nginx();

/** A new pair as secrets, and how its certificate is told from others. */
function newPair(): { readonly secrets: unknown; readonly fingerprint: string } {
  const { cert, key } = certificateFor(["localhost"], { issuer: CA });
  return {
    secrets: { tls: { "tls.crt": cert, "tls.key": key } },
    fingerprint: new X509Certificate(cert).fingerprint256,
  };
}

/** One request on a connection of its own. @returns which certificate it was served with. */
function ask(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { host: "127.0.0.1", servername: "localhost", port, ca: CA.cert, agent: false };
  const asked = request(options, (answer) => {
    const { fingerprint256 } = (answer.socket as TLSSocket).getPeerCertificate();
    answer.resume().on("end", () => resolve(`${answer.statusCode} ${fingerprint256}`));
  });
  asked.on("error", reject).end();
  return promise;
}

/** The configuration in deploy/files, at places of this test's own. */
async function configured(context: TestContext, secrets: string, port: number): Promise<string> {
  const folder = await temporaryDirectory(context);
  const config = readFileSync(join(ROOT, "deploy/files/nginx.conf"), "utf8")
    .replaceAll("/run/app-secrets", secrets)
    .replace("/run/nginx.pid", join(folder, "pid"))
    .replace("127.0.0.1:8443", `127.0.0.1:${port}`)
    .replace("access_log off;", `access_log off; ${temporaryPaths(folder)}`);
  const file = join(folder, "nginx.conf");
  writeFileSync(file, config);
  return file;
}

/** Debian's nginx has its own places for what it buffers, which need root. */
function temporaryPaths(folder: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(" ");
}

const skip = program === undefined && "nginx is not here: .ci/install-interop";

test(
  "nginx takes certificate and key from files that rotate under load, and no request fails",
  { skip },
  async (context) => {
    const at = await filesPlace(context);
    const port = await freePort();
    const config = await configured(context, at.directory, port);
    let pair = newPair();
    at.put(await pack({ secrets: pair.secrets }));
    const agent = AgentProcess.start(context, at.env, [
      "exec",
      "--no-env",
      "--no-api",
      "--on-change",
      "signal:SIGHUP",
      "--stop-signal",
      "SIGQUIT",
      "--",
      program ?? "",
      "-c",
      config,
    ]);
    await eventually("nginx serves", async () => {
      assert.equal(agent.exit, undefined, agent.stderr);
      return ask(port).catch(() => undefined);
    });

    const answers: string[] = [];
    const failures: unknown[] = [];
    const load = { isOver: false };
    const client = async (): Promise<void> => {
      while (!load.isOver) {
        await ask(port).then(
          (answer) => answers.push(answer),
          (error: unknown) => failures.push(error),
        );
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    const fingerprints = [pair.fingerprint];
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      pair = newPair();
      fingerprints.push(pair.fingerprint);
      at.put(await pack({ secrets: pair.secrets }));
      const wanted = `200 ${pair.fingerprint}`;
      await eventually("the new pair", () => answers.includes(wanted), 30_000);
    }
    load.isOver = true;
    await Promise.all(clients);
    context.diagnostic(`${answers.length} requests over ${ROTATIONS} rotations`);
    assert.deepEqual(failures, []);
    const known = new Set(fingerprints.map((fingerprint) => `200 ${fingerprint}`));
    assert.deepEqual(
      answers.filter((answer) => !known.has(answer)),
      [],
    );
    agent.child.kill("SIGTERM");
    await agent.ended();
    assert.deepEqual(namesIn(at.directory), []);
  },
);
