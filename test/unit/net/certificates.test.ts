import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Network } from "../../../src/net/network.ts";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";
import { answered, hello, NAME, problem, tlsServer, written } from "../../support/asking.ts";
import { type Authority, authority, certificateFor } from "../../support/certificate.ts";
import { opened, portOf } from "../../support/names-here.ts";
import { networkIn } from "../../support/network.ts";
import { ForwardProxy } from "../../support/proxy.ts";
import { replaceFile } from "../../support/replace-file.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("a certificate", () => {
  const CASES = {
    "whose CA nobody named": {
      options: {},
      says: /shows a certificate whose issuer is not trusted \([A-Z_]+\); name a file with its CA in CLEF_AGENT_CA_FILE$/,
    },
    "that has expired": {
      options: { until: Date.now() - 3_600_000 },
      says: /shows a certificate that has expired \(CERT_HAS_EXPIRED\)/,
    },
    "that is not valid yet": {
      options: { from: Date.now() + 3_600_000 },
      says: /shows a certificate that is not valid yet \(CERT_NOT_YET_VALID\); set the clock/,
    },
    "for another name": {
      options: { names: ["other.example"] },
      says: /shows a certificate for other\.example, and not for the name in the address/,
    },
  } as const;
  for (const [what, { options, says }] of Object.entries(CASES)) {
    test(`${what} is said to be that`, async (t) => {
      const ca = authority();
      const names = "names" in options ? options.names : ["127.0.0.1"];
      const port = await tlsServer(t, certificateFor(names, { issuer: ca, ...options }));
      const named =
        what === "whose CA nobody named"
          ? {}
          : { CLEF_AGENT_CA_FILE: await written(t, "ca.pem", ca.cert) };
      const [failure, text] = await problem(networkIn(named), `https://127.0.0.1:${port}/`);
      assert.equal(failure, "untrusted");
      assert.match(text, says);
    });
  }

  test("that is not trusted is not taken for all that NODE_TLS_REJECT_UNAUTHORIZED says", async (t) => {
    const ca = authority();
    const port = await tlsServer(t, certificateFor(["127.0.0.1", NAME], { issuer: ca }));
    const certificate = certificateFor(["127.0.0.1"], { issuer: ca });
    const secured = await ForwardProxy.start(t, { certificate });
    const plain = await ForwardProxy.start(t, { names: { [`${NAME}:443`]: port } });
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    t.after(() => delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);
    for (const [env, url] of [
      [{}, `https://127.0.0.1:${port}/`],
      [{ HTTPS_PROXY: plain.url }, `https://${NAME}/`],
      [{ HTTPS_PROXY: secured.url }, `https://${NAME}/`],
      [{ HTTP_PROXY: secured.url }, `http://${NAME}/`],
    ] as const) {
      assert.equal((await problem(networkIn(env), url))[0], "untrusted");
    }
  });

  for (const variable of ["CLEF_AGENT_CA_FILE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
    test(`is trusted by a CA in ${variable}`, async (t) => {
      const ca = authority();
      const port = await tlsServer(t, certificateFor(["127.0.0.1"], { issuer: ca }));
      const network = networkIn({ [variable]: await written(t, "ca.pem", ca.cert) });
      assert.equal(await answered(network, `https://127.0.0.1:${port}/`), "200 hello");
    });
  }

  test("is trusted by a CA in a directory of SSL_CERT_DIR, also one that came later", async (t) => {
    const ca = authority();
    const port = await tlsServer(t, certificateFor(["127.0.0.1"], { issuer: ca }));
    const directory = await temporaryDirectory(t);
    const network = networkIn({ SSL_CERT_DIR: `/nonexistent:${directory}` });
    const url = `https://127.0.0.1:${port}/`;
    assert.equal((await problem(network, url))[0], "untrusted");
    await writeFile(join(directory, "ca.pem"), ca.cert);
    assert.equal(await answered(network, url), "200 hello");
  });

  test("is trusted by AWS_CA_BUNDLE where AWS is asked, and nowhere else", async (t) => {
    const ca = authority();
    const port = await tlsServer(t, certificateFor(["127.0.0.1"], { issuer: ca }));
    const network = networkIn({ AWS_CA_BUNDLE: await written(t, "ca.pem", ca.cert) });
    const url = `https://127.0.0.1:${port}/`;
    assert.equal(await answered(network.aws(), url), "200 hello");
    assert.equal((await problem(network, url))[0], "untrusted");
  });

  test("is trusted by CLEF_AGENT_CA_FILE alone with CLEF_AGENT_CA_ONLY", async (t) => {
    const [own, other] = [authority(), authority()];
    const url = async (ca: Authority): Promise<string> =>
      `https://127.0.0.1:${await tlsServer(t, certificateFor(["127.0.0.1"], { issuer: ca }))}/`;
    const network = networkIn({
      CLEF_AGENT_CA_FILE: await written(t, "own.pem", own.cert),
      CLEF_AGENT_CA_ONLY: "true",
      SSL_CERT_FILE: await written(t, "other.pem", other.cert),
      AWS_CA_BUNDLE: await written(t, "other.pem", other.cert),
    });
    assert.equal(await answered(network, await url(own)), "200 hello");
    const [failure, text] = await problem(network.aws(), await url(other));
    assert.equal(failure, "untrusted");
    assert.match(text, /whose issuer is not in CLEF_AGENT_CA_FILE .*CLEF_AGENT_CA_ONLY/);
  });
});

describe("a CA that is rotated", () => {
  test("is in use with the next request, and the old one, its connections and sessions are not", async (t) => {
    const [old, next] = [authority(), authority()];
    let secured = certificateFor(["127.0.0.1"], { issuer: old });
    const server = createTlsServer(secured, hello);
    const url = `https://127.0.0.1:${portOf(await opened(t, server))}/`;
    const CLEF_AGENT_CA_FILE = await written(t, "ca.pem", old.cert);
    const network = networkIn({ CLEF_AGENT_CA_FILE });
    assert.equal(await answered(network, url), "200 hello");
    await replaceFile(CLEF_AGENT_CA_FILE, next.cert);
    // The connection is open still, and would be used.
    assert.equal((await problem(network, url))[0], "untrusted");
    secured = certificateFor(["127.0.0.1"], { issuer: next });
    server.setSecureContext(secured);
    assert.equal(await answered(network, url), "200 hello");
  });

  test("does not break what is under way", async (t) => {
    const [old, next] = [authority(), authority()];
    const begun = Promise.withResolvers<undefined>();
    const finish = Promise.withResolvers<undefined>();
    const port = await tlsServer(
      t,
      certificateFor(["127.0.0.1"], { issuer: old }),
      (_, response) => {
        response.write("hel");
        begun.resolve(undefined);
        void finish.promise.then(() => response.end("lo"));
      },
    );
    const CLEF_AGENT_CA_FILE = await written(t, "ca.pem", old.cert);
    const network = networkIn({ CLEF_AGENT_CA_FILE });
    const underWay = answered(network, `https://127.0.0.1:${port}/`);
    await begun.promise;
    await replaceFile(CLEF_AGENT_CA_FILE, next.cert);
    assert.equal((await problem(network, `https://127.0.0.1:${port}/`))[0], "untrusted");
    finish.resolve(undefined);
    assert.equal(await underWay, "200 hello");
  });

  test("is AWS's alone where it is in AWS_CA_BUNDLE, and is read again too", async (t) => {
    const [old, next] = [authority(), authority()];
    const server = createTlsServer(certificateFor(["127.0.0.1"], { issuer: old }), hello);
    const url = `https://127.0.0.1:${portOf(await opened(t, server))}/`;
    const AWS_CA_BUNDLE = await written(t, "ca.pem", old.cert);
    const network = networkIn({ AWS_CA_BUNDLE }).aws();
    assert.equal(await answered(network, url), "200 hello");
    await replaceFile(AWS_CA_BUNDLE, next.cert);
    assert.equal((await problem(network, url))[0], "untrusted");
    server.setSecureContext(certificateFor(["127.0.0.1"], { issuer: next }));
    assert.equal(await answered(network, url), "200 hello");
  });

  test("leaves the old one trusted, with a warning, while its file cannot be used", async (t) => {
    const ca = authority();
    const port = await tlsServer(t, certificateFor(["127.0.0.1"], { issuer: ca }));
    const path = await written(t, "ca.pem", ca.cert);
    const warnings: string[] = [];
    const trust = { ...PLAIN_NETWORK.trust, files: [{ variable: "CLEF_AGENT_CA_FILE", path }] };
    const network = Network.open({ ...PLAIN_NETWORK, trust }, (warning) => warnings.push(warning));
    const url = `https://127.0.0.1:${port}/`;
    assert.equal(await answered(network, url), "200 hello");
    await replaceFile(path, ca.cert.slice(0, 100));
    assert.equal(await answered(network, url), "200 hello");
    assert.equal(await answered(network, url), "200 hello");
    assert.deepEqual(warnings, [
      "the certificates in use stay trusted: CLEF_AGENT_CA_FILE: the file holds no certificate; it must be PEM, -----BEGIN CERTIFICATE-----",
    ]);
  });
});
