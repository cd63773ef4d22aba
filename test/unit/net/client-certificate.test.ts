import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { describe, test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { Network } from "../../../src/net/network.ts";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";
import { openSource } from "../../../src/source/open.ts";
import { answered, NEVER, problem, tlsServer, written } from "../../support/asking.ts";
import { type Authority, authority, certificateFor } from "../../support/certificate.ts";
import { networkIn } from "../../support/network.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { replaceFile } from "../../support/replace-file.ts";

describe("a client certificate", () => {
  /** A server that says whose certificate it was shown. */
  async function asking(
    t: TestContext,
    ca: Authority,
    listener?: RequestListener,
  ): Promise<string> {
    const server = { ...certificateFor(["127.0.0.1"], { issuer: ca }), ca: ca.cert };
    const shown: RequestListener = (request, response) => {
      const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
      response.end(certificate?.raw.toString("base64").slice(-20) ?? "nothing");
    };
    const options = { ...server, requestCert: true, rejectUnauthorized: false };
    return `https://127.0.0.1:${await tlsServer(t, options, listener ?? shown)}/`;
  }

  async function pairFiles(t: TestContext, ca: Authority): Promise<Record<string, string>> {
    const { cert, key } = certificateFor(["agent"], { issuer: ca });
    return {
      CLEF_AGENT_CA_FILE: await written(t, "ca.pem", ca.cert),
      CLEF_AGENT_CLIENT_CERT_FILE: await written(t, "cert.pem", cert),
      CLEF_AGENT_CLIENT_KEY_FILE: await written(t, "key.pem", key),
    };
  }

  test("is shown to the source and to nobody else, not even by a redirect", async (t) => {
    const ca = authority();
    const [source, other] = [await asking(t, ca), await asking(t, ca)];
    const redirecting = await asking(t, ca, (_, response) =>
      response.writeHead(302, { location: other }).end(),
    );
    const network = networkIn(await pairFiles(t, ca));
    const shown = await answered(network.presentingTo(new URL(source)), source);
    assert.match(shown, /^200 .{20}$/);
    assert.equal(await answered(network, source), "200 nothing");
    const redirected = network.presentingTo(new URL(redirecting));
    assert.equal(await answered(redirected, redirecting), "200 nothing");
  });

  for (const provider of ["github", "gitlab", "bitbucket", "gitea"] as const) {
    test(`is shown to the API of ${provider}`, async (t) => {
      const ca = authority();
      const shown: boolean[] = [];
      const url = await asking(t, ca, (request, response) => {
        shown.push((request.socket as TLSSocket).getPeerX509Certificate() !== undefined);
        response.writeHead(404).end();
      });
      const config = {
        kind: "vcs",
        provider,
        repo: "acme/secrets",
        credential: { kind: "bearer", token: "x" },
        tokenFile: undefined,
        identity: "api",
        environment: "production",
        ref: undefined,
        apiUrl: new URL(url),
      } as const;
      const parts = { log: recordingLog().log, network: networkIn(await pairFiles(t, ca)) };
      const source = await openSource(config, parts);
      await assert.rejects(source.fetch({ etag: undefined, signal: NEVER }));
      assert.ok(shown.length > 0 && shown.every(Boolean));
    });
  }

  test("that is missing is asked for", async (t) => {
    const ca = authority();
    const own = { ...certificateFor(["127.0.0.1"], { issuer: ca }), ca: ca.cert };
    const port = await tlsServer(t, { ...own, requestCert: true, rejectUnauthorized: true });
    const CLEF_AGENT_CA_FILE = await written(t, "ca.pem", ca.cert);
    const [failure, text] = await problem(
      networkIn({ CLEF_AGENT_CA_FILE }),
      `https://127.0.0.1:${port}/`,
    );
    assert.equal(failure, "refused");
    assert.match(
      text,
      /wants a client certificate \([A-Z0-9_]+\); name one in CLEF_AGENT_CLIENT_CERT_FILE/,
    );
  });

  test("is used anew as a pair, and while the two do not match the old one stays", async (t) => {
    const ca = authority();
    const url = await asking(t, ca);
    const files = await pairFiles(t, ca);
    const [cert = "", key = ""] = [
      files["CLEF_AGENT_CLIENT_CERT_FILE"],
      files["CLEF_AGENT_CLIENT_KEY_FILE"],
    ];
    const warnings: string[] = [];
    const clientCertificate = {
      certificate: { variable: "CLEF_AGENT_CLIENT_CERT_FILE", path: cert },
      key: { variable: "CLEF_AGENT_CLIENT_KEY_FILE", path: key },
    };
    const trust = {
      ...PLAIN_NETWORK.trust,
      files: [{ variable: "CLEF_AGENT_CA_FILE", path: files["CLEF_AGENT_CA_FILE"] ?? "" }],
    };
    const network = Network.open({ ...PLAIN_NETWORK, trust, clientCertificate }, (warning) =>
      warnings.push(warning),
    ).presentingTo(new URL(url));
    const first = await answered(network, url);
    const next = certificateFor(["agent"], { issuer: ca });
    await replaceFile(cert, next.cert);
    assert.equal(await answered(network, url), first);
    assert.deepEqual(warnings, [
      "the client certificate in use stays: the key in CLEF_AGENT_CLIENT_KEY_FILE does not belong to the certificate in CLEF_AGENT_CLIENT_CERT_FILE",
    ]);
    await replaceFile(key, next.key);
    const second = await answered(network, url);
    assert.match(second, /^200 .{20}$/);
    assert.notEqual(second, first);
  });
});
