import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { httpSource } from "../../../src/source/http.ts";
import type { FetchAnswer } from "../../../src/source/source.ts";
import { coded } from "../../support/errors.ts";
import { DIRECT } from "../../support/network.ts";

async function serving(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (url: string): Promise<FetchAnswer> =>
  httpSource(new URL(url), { network: DIRECT, deadlineMs: 2_000 }).fetch({
    etag: undefined,
    signal: new AbortController().signal,
  });
const redirectTo =
  (location: string, status = 302): RequestListener =>
  (_, response) =>
    response.writeHead(status, { location }).end();

describe("the request", () => {
  test("carries the URL's credentials as Basic, its query, and asks for no compression", async (t) => {
    let seen: IncomingMessage | undefined;
    const host = await serving(t, (request, response) => {
      seen = request;
      response.end("{}");
    });
    await get(`http://us%20er:p%C3%A9@${host}/a?sig=1`);
    const pair = Buffer.from("us er:pé").toString("base64");
    assert.equal(seen?.headers.authorization, `Basic ${pair}`);
    assert.equal(seen.url, "/a?sig=1");
    assert.equal(seen.headers["accept-encoding"], "identity");
    assert.match(seen.headers["user-agent"] ?? "", /^clef-agent\/\d/);
    assert.equal(seen.headers["if-none-match"], undefined);
  });

  test("carries no credentials when there are none", async (t) => {
    let authorization: string | undefined;
    const host = await serving(t, (request, response) => {
      authorization = request.headers.authorization;
      response.end("{}");
    });
    await get(`http://${host}/`);
    assert.equal(authorization, undefined);
  });
});

describe("a signed URL", () => {
  for (const [what, query, expected] of [
    [
      "that has expired",
      "se=2020-01-01T00:00:00Z&sig=s3cr3t",
      /expired at 2020-01-01T00:00:00.000Z/,
    ],
    ["that has not", "se=2999-01-01T00:00:00Z&sig=s3cr3t", /answered 403; check the permissions/],
  ] as const) {
    test(`${what} and is refused says so, without the signature`, async (t) => {
      const host = await serving(t, (_, response) => response.writeHead(403).end());
      await assert.rejects(get(`http://${host}/a?${query}`), (error: Error) => {
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /s3cr3t/);
        return true;
      });
    });
  }
});

describe("a redirect", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`of ${status} is followed`, async (t) => {
      const host = await serving(t, (request, response) => {
        if (request.url === "/end") response.end("there");
        else redirectTo("/end", status)(request, response);
      });
      const answer = await get(`http://${host}/start`);
      assert.ok(answer.kind === "bytes");
      assert.equal(Buffer.from(answer.bytes).toString(), "there");
    });
  }

  test("takes credentials to the same origin and to no other", async (t) => {
    const seen: (string | undefined)[] = [];
    const other = await serving(t, (request, response) => {
      seen.push(request.headers.authorization);
      response.end("{}");
    });
    const host = await serving(t, (request, response) => {
      seen.push(request.headers.authorization);
      redirectTo(request.url === "/" ? "/next" : `http://${other}/`)(request, response);
    });
    await get(`http://user:pw@${host}/`);
    assert.equal(seen[0], seen[1]);
    assert.deepEqual(seen.slice(2), [undefined]);
  });

  test("brings no credentials of its own", async (t) => {
    let authorization: string | undefined;
    const other = await serving(t, (request, response) => {
      authorization = request.headers.authorization;
      response.end("{}");
    });
    const host = await serving(t, redirectTo(`http://evil:pw@${other}/`));
    await get(`http://${host}/`);
    assert.equal(authorization, undefined);
  });

  test("without end is given up", async (t) => {
    let hops = 0;
    const host = await serving(t, (request, response) => {
      hops++;
      redirectTo("/again")(request, response);
    });
    await assert.rejects(get(`http://${host}/`), coded("source_redirect", /more than 5 times/));
    assert.equal(hops, 6);
  });

  for (const location of [
    "file:///etc/passwd",
    "ftp://host/x",
    "http://[bad",
    "data:text/plain,x",
  ]) {
    test(`to ${location} is refused`, async (t) => {
      const host = await serving(t, redirectTo(location));
      await assert.rejects(get(`http://${host}/`), coded("source_redirect"));
    });
  }

  test("to nowhere is refused", async (t) => {
    const host = await serving(t, (_, response) => response.writeHead(302).end());
    await assert.rejects(get(`http://${host}/`), coded("source_redirect", /no valid address/));
  });
});

describe("an answer", () => {
  test("of 304 to an unconditional request is not believed", async (t) => {
    const host = await serving(t, (_, response) => response.writeHead(304).end());
    await assert.rejects(get(`http://${host}/`), coded("source_unexpected_answer", /304/));
  });

  test("without an ETag is given without one", async (t) => {
    const host = await serving(t, (_, response) => response.end("{}"));
    const answer = await get(`http://${host}/`);
    assert.ok(answer.kind === "bytes");
    assert.equal(answer.etag, undefined);
  });

  for (const [status, code] of [
    [204, "source_unexpected_answer"],
    [206, "source_unexpected_answer"],
    [400, "source_unexpected_answer"],
    [410, "source_not_found"],
    [500, "source_server_error"],
    [599, "source_server_error"],
  ] as const) {
    test(`of ${status} is ${code}, with a hint and no query`, async (t) => {
      const host = await serving(t, (_, response) => response.writeHead(status).end());
      await assert.rejects(get(`http://${host}/a?sig=sk_alpha`), (error: Error) => {
        assert.ok(!error.message.includes("sk_alpha"));
        return coded(code, new RegExp(`answered ${status}`))(error);
      });
    });
  }

  test("that never comes is a source that cannot be reached", async (t) => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    t.diagnostic("the port was free a moment ago");
    await assert.rejects(
      get(`http://user:pw-alpha@127.0.0.1:${port}/`),
      coded("source_unreachable", /ECONNREFUSED.*CLEF_AGENT_SOURCE/),
    );
  });

  test("that is cut off before its headers is truncated", async (t) => {
    const host = await serving(t, (request) => request.socket.destroy());
    await assert.rejects(get(`http://${host}/`), coded("source_truncated"));
  });

  test("that declares more than the cap is refused unread", async (t) => {
    const host = await serving(t, (_, response) => {
      response.writeHead(200, { "content-length": "99999999999" });
      response.write("{");
    });
    await assert.rejects(get(`http://${host}/`), coded("source_too_large"));
  });
});
