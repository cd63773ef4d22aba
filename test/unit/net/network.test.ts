import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { exchange } from "../../../src/net/exchange.ts";
import { Network } from "../../../src/net/network.ts";
import type { Exchange } from "../../../src/net/outcome.ts";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";
import { openSource } from "../../../src/source/open.ts";
import { type Authority, authority, certificateFor } from "../../support/certificate.ts";
import { opened, portOf } from "../../support/names-here.ts";
import { networkIn } from "../../support/network.ts";
import { ForwardProxy } from "../../support/proxy.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const NEVER = new AbortController().signal;
/** A name that no machine has, and that only a proxy of the test's knows. */
const NAME = "artifacts.example";

function ask(network: Network, url: string, deadlineMs = 5_000): Promise<Exchange> {
  const request = { method: "GET", headers: {}, signal: NEVER, redirects: "follow" } as const;
  return exchange({ ...request, network, url: new URL(url), deadlineMs });
}

async function answered(network: Network, url: string): Promise<string> {
  const came = await ask(network, url);
  return came.kind === "answer" ? `${came.status} ${came.bytes.toString()}` : came.problem;
}

async function problem(
  network: Network,
  url: string,
  deadlineMs?: number,
): Promise<readonly [string, string]> {
  const came = await ask(network, url, deadlineMs);
  assert.ok(came.kind === "failed", "there is an answer");
  return [came.failure, came.problem];
}

const hello: RequestListener = (_, response) => response.end("hello");

async function plainServer(t: TestContext, listener: RequestListener = hello): Promise<number> {
  return portOf(await opened(t, createServer(listener)));
}

async function tlsServer(
  t: TestContext,
  options: ServerOptions,
  listener: RequestListener = hello,
): Promise<number> {
  return portOf(await opened(t, createTlsServer(options, listener)));
}

async function written(t: TestContext, name: string, text: string): Promise<string> {
  const path = join(await temporaryDirectory(t), name);
  await writeFile(path, text);
  return path;
}

/** Puts another file in its place, as whoever rotates it does. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

describe("a proxy", () => {
  test("is asked for a tunnel to an https address, and for an http address whole", async (t) => {
    const ca = authority();
    const secured = await tlsServer(t, certificateFor([NAME], { issuer: ca }));
    const plain = await plainServer(t);
    const names = { [`${NAME}:443`]: secured, [`${NAME}:80`]: plain };
    const proxy = await ForwardProxy.start(t, { names });
    const network = networkIn({
      HTTPS_PROXY: proxy.url,
      HTTP_PROXY: proxy.url,
      CLEF_AGENT_CA_FILE: await written(t, "ca.pem", ca.cert),
    });
    assert.equal(await answered(network, `https://${NAME}/a?b=c`), "200 hello");
    assert.equal(await answered(network, `http://${NAME}/a?b=c`), "200 hello");
    assert.deepEqual(proxy.asked, [`CONNECT ${NAME}:443`, `GET http://${NAME}/a?b=c`]);
  });

  test("keeps its tunnel for the next request", async (t) => {
    const ca = authority();
    const secured = await tlsServer(t, certificateFor([NAME], { issuer: ca }));
    const proxy = await ForwardProxy.start(t, { names: { [`${NAME}:443`]: secured } });
    const network = networkIn({
      https_proxy: proxy.url,
      CLEF_AGENT_CA_FILE: await written(t, "ca.pem", ca.cert),
    });
    for (let time = 0; time < 5; time++) {
      assert.equal(await answered(network, `https://${NAME}/`), "200 hello");
    }
    assert.equal(proxy.asked.length, 1);
  });

  test("of https is spoken to over TLS, by a certificate that must be trusted too", async (t) => {
    const ca = authority();
    const plain = await plainServer(t);
    const secured = await tlsServer(t, certificateFor([NAME], { issuer: ca }));
    const certificate = certificateFor(["127.0.0.1"], { issuer: ca });
    const names = { [`${NAME}:80`]: plain, [`${NAME}:443`]: secured };
    const proxy = await ForwardProxy.start(t, { certificate, names });
    const proxies = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    const CLEF_AGENT_CA_FILE = await written(t, "ca.pem", ca.cert);
    const trusting = networkIn({ ...proxies, CLEF_AGENT_CA_FILE });
    assert.equal(await answered(trusting, `http://${NAME}/`), "200 hello");
    assert.equal(await answered(trusting, `https://${NAME}/`), "200 hello");
    for (const scheme of ["http", "https"]) {
      const [failure, text] = await problem(networkIn(proxies), `${scheme}://${NAME}/`);
      assert.equal(failure, "untrusted");
      assert.match(
        text,
        /the proxy in HTTPS?_PROXY \(127\.0\.0\.1:\d+\) shows a certificate whose issuer is not trusted/,
      );
    }
  });

  for (const [scheme, variable] of [
    ["http", "HTTP_PROXY"],
    ["https", "HTTPS_PROXY"],
  ] as const) {
    const url = `${scheme}://${NAME}/`;
    const through = async (t: TestContext, userInfo = "", options = {}): Promise<Network> => {
      const proxy = await ForwardProxy.start(t, options);
      return networkIn({ [variable]: `http://${userInfo}127.0.0.1:${proxy.port}` });
    };

    test(`is named when it is dead, for ${scheme}`, async (t) => {
      const server = await opened(t, createServer());
      const dead = portOf(server);
      await new Promise((resolve) => server.close(resolve));
      const network = networkIn({ [variable]: `http://127.0.0.1:${dead}` });
      const [failure, text] = await problem(network, url);
      assert.equal(failure, "proxy");
      assert.equal(
        text,
        `${url} cannot be reached: the proxy in ${variable} (127.0.0.1:${dead}) cannot be reached (ECONNREFUSED); check ${variable}, or exempt the host in NO_PROXY`,
      );
    });

    test(`is named when it asks for a password, or does not take the one it gets, for ${scheme}`, async (t) => {
      const options = { credentials: "agent:right" };
      const without = await problem(await through(t, "", options), url);
      assert.equal(without[0], "proxy");
      assert.match(
        without[1],
        new RegExp(`${variable} .* asks for a user name and a password \\(407\\)`),
      );
      const wrong = await problem(await through(t, "agent:wr%40ng@", options), url);
      assert.equal(wrong[0], "proxy");
      assert.match(
        wrong[1],
        new RegExp(`does not accept the user name and password in ${variable}`),
      );
      assert.doesNotMatch(wrong[1], /wr(?:%40|@)ng/);
    });

    test(`is named when it gives no answer, for ${scheme}`, async (t) => {
      const [failure, text] = await problem(await through(t, "", { behaviour: "hangs" }), url, 300);
      assert.equal(failure, "timeout");
      assert.match(text, new RegExp(`within 0\\.3 s through the proxy in ${variable} `));
    });
  }

  test("that refuses a tunnel is named, and its answer is not taken for the server's", async (t) => {
    const proxy = await ForwardProxy.start(t, { behaviour: "refuses" });
    const network = networkIn({ HTTPS_PROXY: proxy.url });
    const [failure, text] = await problem(network, `https://${NAME}/`);
    assert.equal(failure, "proxy");
    assert.match(text, /the proxy in HTTPS_PROXY \(.*\) refused to connect there \(403\)/);
  });

  for (const [what, says, answer] of [
    [
      "gives a page to CONNECT",
      /HTTPS_PROXY .* gave something else than a connection \(200\)/,
      "HTTP/1.1 200 OK\r\n\r\nhello",
    ],
    [
      "speaks no HTTP",
      /HTTPS_PROXY .* cannot be reached \(HPE_\w+\); check HTTPS_PROXY/,
      "SSH-2.0-x\r\n",
    ],
    [
      "says nothing and goes",
      /HTTPS_PROXY .* cannot be reached \(ECONNRESET\); check HTTPS_PROXY/,
      "",
    ],
  ] as const) {
    test(`that ${what} is named, and so it is for http`, async (t) => {
      const server = createNetServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(answer));
      });
      const url = `http://127.0.0.1:${portOf(await opened(t, server))}`;
      const [failure, text] = await problem(networkIn({ HTTPS_PROXY: url }), `https://${NAME}/`);
      assert.equal(failure, "proxy");
      assert.match(text, says);
      const came = await ask(networkIn({ HTTP_PROXY: url }), `http://${NAME}/`);
      assert.match(came.kind === "answer" ? (came.through ?? "") : came.problem, /HTTP_PROXY/);
    });
  }

  test("that cannot connect there itself says so, in other words than one that may not", async (t) => {
    const proxy = await ForwardProxy.start(t, { names: { [`${NAME}:443`]: 1 } });
    const [failure, text] = await problem(
      networkIn({ HTTPS_PROXY: proxy.url }),
      `https://${NAME}/`,
    );
    assert.equal(failure, "proxy");
    assert.match(text, /the proxy in HTTPS_PROXY \(.*\) could not connect there \(502\)/);
  });

  test("is asked for the address alone, without a fragment that a redirect brought", async (t) => {
    const plain = await plainServer(t, (request, response) => {
      if (request.url === "/a") response.writeHead(302, { location: "/b?c#d" }).end();
      else response.end(request.url);
    });
    const proxy = await ForwardProxy.start(t, { names: { [`${NAME}:80`]: plain } });
    const network = networkIn({ HTTP_PROXY: proxy.url });
    assert.equal(await answered(network, `http://${NAME}/a`), "200 /b?c");
    assert.deepEqual(proxy.asked, [`GET http://${NAME}/a`, `GET http://${NAME}/b?c`]);
  });

  test("that may have answered itself is named with the answer", async (t) => {
    const proxy = await ForwardProxy.start(t, { behaviour: "refuses" });
    const came = await ask(networkIn({ HTTP_PROXY: proxy.url }), `http://${NAME}/`);
    assert.ok(came.kind === "answer");
    assert.equal(came.status, 403);
    assert.equal(came.through, `the proxy in HTTP_PROXY (127.0.0.1:${proxy.port})`);
  });

  test("gets its user name and password, and nobody behind it does", async (t) => {
    const seen: string[] = [];
    const plain = await plainServer(t, (request, response) => {
      seen.push(JSON.stringify(request.headers));
      response.end("hello");
    });
    const options = { credentials: "ägent:p@ss:/?", names: { [`${NAME}:80`]: plain } };
    const proxy = await ForwardProxy.start(t, options);
    const userInfo = `${encodeURIComponent("ägent")}:${encodeURIComponent("p@ss:/?")}`;
    const network = networkIn({ HTTP_PROXY: `${userInfo}@127.0.0.1:${proxy.port}` });
    assert.equal(await answered(network, `http://${NAME}/`), "200 hello");
    assert.doesNotMatch(seen.join(), /proxy-authorization/i);
  });
});

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
    await replace(CLEF_AGENT_CA_FILE, next.cert);
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
    await replace(CLEF_AGENT_CA_FILE, next.cert);
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
    await replace(AWS_CA_BUNDLE, next.cert);
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
    await replace(path, ca.cert.slice(0, 100));
    assert.equal(await answered(network, url), "200 hello");
    assert.equal(await answered(network, url), "200 hello");
    assert.deepEqual(warnings, [
      "the certificates in use stay trusted: CLEF_AGENT_CA_FILE: the file holds no certificate; it must be PEM, -----BEGIN CERTIFICATE-----",
    ]);
  });
});

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
    await replace(cert, next.cert);
    assert.equal(await answered(network, url), first);
    assert.deepEqual(warnings, [
      "the client certificate in use stays: the key in CLEF_AGENT_CLIENT_KEY_FILE does not belong to the certificate in CLEF_AGENT_CLIENT_CERT_FILE",
    ]);
    await replace(key, next.key);
    const second = await answered(network, url);
    assert.match(second, /^200 .{20}$/);
    assert.notEqual(second, first);
  });
});
