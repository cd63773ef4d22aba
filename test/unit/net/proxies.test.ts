import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { describe, test, type TestContext } from "node:test";
import type { Network } from "../../../src/net/network.ts";
import {
  answered,
  ask,
  NAME,
  plainServer,
  problem,
  tlsServer,
  written,
} from "../../support/asking.ts";
import { authority, certificateFor } from "../../support/certificate.ts";
import { opened, portOf } from "../../support/names-here.ts";
import { networkIn } from "../../support/network.ts";
import { ForwardProxy } from "../../support/proxy.ts";

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
