import assert from "node:assert/strict";
import { connect } from "node:net";
import type { Feed, Opened } from "../../../src/feed/feed.ts";
import { allowedHosts } from "../../../src/server/guards.ts";
import { createHandler, createProbeHandler } from "../../../src/server/handler.ts";
import type { TcpListener } from "../../../src/server/listen.ts";
import { refusalsTo } from "../../../src/server/refusals.ts";
import { TokenGuard } from "../../../src/server/token.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { feedOf, idle, TOKEN } from "../../support/handler-client.ts";
import { openOwnListener } from "../../support/own-listener.ts";
import { snapshotOf } from "../../support/snapshots.ts";
import type { FuzzTarget } from "../target.ts";

const SECRET = "zQ7xK9vW";
const log = createLog({ level: "debug", format: "json", write: () => undefined, now: () => 0 });
const open = idle();
const { snapshot } = snapshotOf({ KEY: SECRET, app: { K: SECRET, "a b": "" }, b: { K: SECRET } });

function serving(feed: Feed): Promise<TcpListener> {
  return openOwnListener({
    handler: (port) =>
      createHandler({
        ...open,
        feed,
        access: { kind: "token", token: new TokenGuard(TOKEN), hosts: allowedHosts(port) },
        refusals: refusalsTo(log),
      }),
  });
}

const etag = open.tags.ofSecrets(false, snapshot);
const later = (opened: Opened): Promise<Opened> => Promise.resolve(opened);
const metrics = (): string => "# TYPE a counter\na 1\n";

/** What is asked, by the first byte of the input. */
const LISTENERS = await Promise.all([
  serving(feedOf(snapshot)),
  serving({ ...feedOf(later(snapshot)), mode: "jit" }),
  serving({
    ...feedOf("not_loaded", { freshness: "not_loaded" }),
    refresh: () => Promise.resolve({ kind: "too_soon", retryAfterMs: 900 }),
  }),
  serving(feedOf(later("revoked"), { freshness: "revoked", lastFailure: "revoked" })),
  openOwnListener({
    handler: () => createProbeHandler({ feed: feedOf(snapshot), scrape: metrics }),
  }),
]);

interface Talk {
  readonly listener: TcpListener;
  /** What is sent at once each. */
  readonly pieces: readonly Buffer[];
}

/** What chance would break, or cannot know, stands in the input by a short name; `<cut>` is a pause. */
function talkIn(input: Buffer): Talk {
  const listener =
    LISTENERS["0123456789".indexOf(input.toString("latin1", 0, 1)) % LISTENERS.length] ??
    LISTENERS[0];
  const text = input
    .toString("latin1", 1)
    .replaceAll("<host>", `host: 127.0.0.1:${listener.port}\r\n`)
    .replaceAll("<token>", `authorization: Bearer ${TOKEN}\r\n`)
    .replaceAll("<etag>", etag);
  return { listener, pieces: text.split("<cut>").map((piece) => Buffer.from(piece, "latin1")) };
}

/** What comes back until the end, or until nothing came for a long while. */
function answerTo({ listener, pieces }: Talk): Promise<string> {
  return new Promise((resolve) => {
    // Addresses of their own, or a minute's connections would use up the ports of one.
    const last = (): number => 1 + Math.floor(Math.random() * 250);
    const localAddress = `127.${last()}.${last()}.${last()}`;
    const socket = connect({ port: listener.port, host: "127.0.0.1", localAddress, noDelay: true });
    let answer = "";
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
    const [first = Buffer.alloc(0), ...others] = pieces;
    socket.write(first);
    for (const piece of others) setImmediate(() => setImmediate(() => socket.write(piece)));
    if (others.length === 0) socket.end();
    else setImmediate(() => setImmediate(() => setImmediate(() => socket.end())));
  });
}

const get = (path: string, headers = "<token>"): string =>
  `GET ${path} HTTP/1.1\r\n<host>${headers}\r\n`;

/** The bytes of HTTP requests, on a real socket, to what serves in several states. */
export const target: FuzzTarget = {
  maxBytes: 1000,
  close: () => Promise.all(LISTENERS.map((each) => each.close(0))),
  seeds: [
    `0${get("/v1/secrets", "<token>connection: close\r\n")}`,
    `0${get("/v1/secrets/app/K?format=flat")}`,
    `0${get("/v1/keys", "")}${get("/v1/health", "")}`,
    `0POST /v1/refresh HTTP/1.1\r\n<host><token>content-length: 2\r\n\r\n{}`,
    `0GET /v1/ready HTTP/1.0\r\n\r\n`,
    `0${get("/v1/secrets", '<token>if-none-match: "x", *\r\nprefer: wait=1\r\n')}`,
    `0${get("/v1/secrets", "<token>if-none-match: <etag>\r\nprefer: wait=1, respond-async\r\n")}`,
    `0POST /v1/secrets HTTP/1.1\r\n<host>transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `0${get("/v1/keys")}GET /v1/ke<cut>ys HTTP/1.1\r\n<host><token>\r\n`,
    `0${get("/v1/secrets/K")}${get("/v1/secrets/NONE")}${get("/v1/secrets/app/a%20b/")}${get("/v1/secrets/a/b/c")}`,
    `0${get("/v1/secrets?format=flat", "<token>x-forwarded-for: 1\r\n")}`,
    `0${get("/v1/secrets?format=x")}HEAD /v1/secrets HTTP/1.1\r\n<host><token>\r\n`,
    `0CONNECT localhost:80 HTTP/1.1\r\n<host><token>\r\n`,
    `0${get("/v1/keys", "<token>upgrade: h2c\r\nconnection: upgrade\r\n")}PRI * HTTP/2.0\r\n\r\n`,
    `0OPTIONS * HTTP/1.1\r\n<host><token>expect: 100-continue\r\n\r\n`,
    `1${get("/v1/secrets")}${get("/v1/secrets/KEY")}`,
    `1${get("/v1/keys", "<token>if-none-match: <etag>\r\n")}`,
    `2${get("/v1/secrets")}POST /v1/refresh HTTP/1.1\r\n<host><token>\r\n${get("/v1/ready")}`,
    `3${get("/v1/secrets/KEY")}${get("/v1/health")}`,
    `4${get("/metrics")}`,
    `4${get("/v1/ready", "")}`,
  ],
  words: [
    "<host>",
    "<token>",
    "<etag>",
    "<cut>",
    "\r\n",
    "\r\n\r\n",
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    ..."GET HEAD POST PUT DELETE OPTIONS CONNECT TRACE PRI".split(" ").map((name) => `${name} `),
    ..."/v1/secrets /v1/keys /v1/health /v1/ready /v1/refresh /metrics /KEY /app /K %2e %2F %00 %ff / ? ?format=flat".split(
      " ",
    ),
    ..."host authorization if-none-match prefer connection content-length transfer-encoding expect upgrade forwarded x-forwarded-for x-forwarded-host"
      .split(" ")
      .map((name) => `\r\n${name}: `),
    ..."Bearer Basic wait= wait=0 close keep-alive chunked 100-continue localhost [::1] evil.example W/".split(
      " ",
    ),
    '"',
    ", ",
    "*",
    "\0",
    "0\r\n\r\n",
    "a:b\r\n".repeat(30),
  ],
  async run(input) {
    const answer = await answerTo(talkIn(input));
    assert.ok(answer === "" || answer.startsWith("HTTP/1.1 "), answer.slice(0, 99));
    for (const [line] of answer.matchAll(/^HTTP\/1\.1 .*$/gm)) {
      assert.match(line, /^HTTP\/1\.1 (?:100|200|304|4\d\d|503) /);
    }
    const hasToken = input.includes("<token>") || input.includes(TOKEN);
    if (!hasToken) assert.ok(!answer.includes(SECRET), "a secret without the token");
    assert.ok(!/node:|\.ts\b|\n\s+at /.test(answer), "an internal message");
  },
};
