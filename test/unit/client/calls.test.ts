import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type Client,
  ClientError,
  type ClientErrorCode,
  connect,
} from "../../../src/client/index.ts";
import { settingsOf } from "../../../src/client/settings.ts";
import {
  breakOff,
  hangUp,
  json,
  type Script,
  ScriptedAgent,
  silence,
  unavailable,
} from "../../support/scripted-agent.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const NOWHERE = { env: {} };

/** The error that this ends with. */
async function errorOf(call: Promise<unknown>): Promise<ClientError> {
  const error = await call.then(
    () => assert.fail("it should have failed"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ClientError, String(error));
  assert.doesNotMatch(error.message, /\n/);
  return error;
}

describe("each call", () => {
  test("asks for one secret by its name, whatever is in the name", async (t) => {
    const agent = await ScriptedAgent.start(t, json(200, { value: "v" }));
    assert.equal(await connect({ url: agent.url, token: "t" }).get("a/b c?"), "v");
    assert.equal(agent.asked[0]?.path, "/v1/secrets/a%2Fb%20c%3F");
    assert.equal(agent.asked[0].headers.authorization, "Bearer t");
  });

  test("never takes all secrets for the one of an empty name", async (t) => {
    const agent = await ScriptedAgent.start(t, json(404, { error: "Secret '\0' not found" }));
    assert.equal((await errorOf(connect({ url: agent.url }).get(""))).code, "not_found");
    assert.equal(agent.asked[0]?.path, "/v1/secrets/%00");
  });

  test("gives all secrets by their flat names, also one that is called __proto__", async (t) => {
    const agent = await ScriptedAgent.start(t, (_, response) =>
      response.end('{"app__A":"1","__proto__":"2"}'),
    );
    const secrets = await connect({ url: agent.url }).getAll();
    assert.deepEqual(Object.entries(secrets), [
      ["app__A", "1"],
      ["__proto__", "2"],
    ]);
    assert.equal(agent.asked[0]?.path, "/v1/secrets?format=flat");
  });

  test("gives the names in the agent's order", async (t) => {
    const agent = await ScriptedAgent.start(t, json(200, ["b", "a"]));
    assert.deepEqual(await connect({ url: agent.url }).keys(), ["b", "a"]);
  });

  test("says what became of a look at the source", async (t) => {
    const result = { outcome: "failed", revision: "1-a", reason: "source_timeout" };
    const agent = await ScriptedAgent.start(t, json(200, result));
    assert.deepEqual(await connect({ url: agent.url }).refresh(), result);
    assert.equal(agent.asked[0]?.method, "POST");
  });

  test("goes over a Unix socket, and shows no token there", async (t) => {
    const agent = await ScriptedAgent.start(t, json(200, {}));
    await connect({ socket: agent.socket, env: { CLEF_AGENT_TOKEN: "t" } }).getAll();
    assert.equal(agent.asked[0]?.headers.authorization, undefined);
  });
});

describe("what is wrong is said by code", () => {
  const cases: readonly (readonly [ClientErrorCode, Parameters<typeof json>])[] = [
    ["unauthorized", [401, { error: "Unauthorized" }]],
    ["not_found", [404, { error: "Secret 'X' not found" }]],
    ["ambiguous", [409, { error: "Secret 'X' is in several namespaces; use one of a__X, b__X" }]],
    ["busy", [429, { error: "Too many requests wait at once" }]],
    ["not_loaded", [503, { error: "Secrets not yet loaded" }]],
    ["expired", [503, { error: "Secrets expired" }]],
    ["revoked", [503, { error: "Artifact revoked" }]],
    ["refresh_failed", [503, { error: "Refresh failed" }]],
    ["decryption_failed", [503, { error: "Decryption failed" }]],
    ["busy", [503, { error: "Too many requests at once" }]],
    ["unreachable", [503, { error: "The agent is stopping" }]],
    ["unreachable", [503, { error: "the certificate was revoked" }]],
    ["unreachable", [503, { error: "Artifact revoked, or so" }]],
    ["unreachable", [503, { error: "401 from upstream" }]],
    ["unexpected_answer", [403, { error: "Forbidden: invalid Host header" }]],
    ["unexpected_answer", [500, "what?"]],
    ["unexpected_answer", [500, { error: { toString: null } }]],
    ["unexpected_answer", [200, { value: 7 }]],
    ["unexpected_answer", [200, "not an object"]],
  ];
  for (const [code, answer] of cases) {
    test(`${answer[0]} ${JSON.stringify(answer[1])} is ${code}`, async (t) => {
      const agent = await ScriptedAgent.start(t, json(...answer));
      const client = connect({ url: agent.url });
      // What is asked for once needs no patience.
      const call = answer[0] === 200 ? client.get("X") : client.refresh();
      assert.equal((await errorOf(call)).code, code);
    });
  }

  for (const [reason, code] of [
    ["not_loaded", "not_loaded"],
    ["files_not_written", "not_loaded"],
    ["cache_expired", "expired"],
    ["artifact_expired", "expired"],
    ["revoked", "revoked"],
  ] as const) {
    test(`an agent that is not ready for the reason ${reason} is ${code}`, async (t) => {
      const agent = await ScriptedAgent.start(t, json(503, { ready: false, reason }));
      const error = await errorOf(connect({ url: agent.url }).ready({ timeoutMs: 10 }));
      assert.equal(error.code, code);
    });
  }

  test("nobody there is unreachable, and the message names the address and the system's reason", async () => {
    const error = await errorOf(connect({ url: "http://127.0.0.1:9" }).refresh());
    assert.equal(error.code, "unreachable");
    assert.match(error.message, /http:\/\/127\.0\.0\.1:9 .*ECONNREFUSED/);
  });

  test("an answer that breaks off is unreachable", async (t) => {
    const agent = await ScriptedAgent.start(t, breakOff);
    assert.equal((await errorOf(connect({ url: agent.url }).refresh())).code, "unreachable");
  });

  test("names of secrets in a message are on one line, and end somewhere", async (t) => {
    const agent = await ScriptedAgent.start(t, json(404, { error: `\n${"x".repeat(10_000)}` }));
    const { message } = await errorOf(connect({ url: agent.url }).get("X"));
    assert.ok(message.length < 600);
  });

  test("an answer without an end is given up", async (t) => {
    let sent = 0;
    const agent = await ScriptedAgent.start(t, (_, response) => {
      const chunk = Buffer.alloc(1 << 20, "x");
      const more = (problem?: unknown): void => {
        sent += chunk.length;
        if (problem === undefined || problem === null) response.write(chunk, more);
      };
      more();
    });
    assert.equal((await errorOf(connect({ url: agent.url }).getAll())).code, "unexpected_answer");
    assert.ok(sent < 128 << 20, String(sent));
  });
});

describe("a call that only reads", () => {
  test("is made again where the agent is not there, not loaded or busy for a moment", async (t) => {
    const scripts = [
      hangUp,
      unavailable("Secrets not yet loaded"),
      json(503, { error: "Too many requests at once" }, { "retry-after": "0" }),
      json(200, { value: "v" }),
    ];
    const agent = await ScriptedAgent.start(t, ...scripts);
    assert.equal(await connect({ url: agent.url }).get("X"), "v");
    assert.equal(agent.asked.length, 4);
  });

  test("is not made again for what a moment does not mend", async (t) => {
    const agent = await ScriptedAgent.start(t, unavailable("Artifact revoked"));
    await errorOf(connect({ url: agent.url }).getAll());
    assert.equal(agent.asked.length, 1);
  });

  test("waits as long as the agent asks for, and no longer than that", async (t) => {
    const busy = json(429, { error: "busy" }, { "retry-after": "1" });
    const agent = await ScriptedAgent.start(t, busy, json(200, []));
    const startedAt = performance.now();
    await connect({ url: agent.url }).keys();
    const took = performance.now() - startedAt;
    assert.ok(took >= 990 && took < 5_000, String(took));
  });
});

test("a look at the source is asked for once, whatever happens", async (t) => {
  for (const [script, code] of [
    [hangUp, "unreachable"],
    [json(429, { error: "busy" }, { "retry-after": "1" }), "busy"],
  ] as const) {
    const agent = await ScriptedAgent.start(t, script);
    const error = await errorOf(connect({ url: agent.url }).refresh());
    assert.equal(error.code, code);
    assert.equal(error.retryAfterMs, code === "busy" ? 1000 : 0);
    assert.equal(agent.asked.length, 1);
  }
});

describe("the token", () => {
  const right =
    (token: string): Script =>
    (request, response) => {
      const isRight = request.headers.authorization === `Bearer ${token}`;
      const script = isRight ? json(200, {}) : json(401, { error: "Unauthorized" });
      script(request, response);
    };

  test("of a file is read again where it is refused, and the call goes on", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    await writeFile(tokenFile, "new\n");
    const agent = await ScriptedAgent.start(t, right("new"));
    const client = connect({ url: agent.url, env: { CLEF_AGENT_TOKEN_FILE: tokenFile } });
    await client.getAll();
    await writeFile(tokenFile, "newer");
    await client.getAll();
    assert.equal(agent.asked.length, 2, "it is not read without a reason");
    const later = await ScriptedAgent.start(t, right("newer"));
    const other = connect({ url: later.url, tokenFile });
    await writeFile(tokenFile, "old");
    const reading = other.getAll();
    await eventually("the old one was refused", () => later.asked.length > 0);
    await writeFile(tokenFile, "newer");
    await reading;
  });

  test("of a file that cannot be read is unauthorized, and the message holds no path", async (t) => {
    const agent = await ScriptedAgent.start(t, json(200, {}));
    const error = await errorOf(connect({ url: agent.url, tokenFile: "/no/such" }).refresh());
    assert.equal(error.code, "unauthorized");
    assert.match(error.message, /CLEF_AGENT_TOKEN_FILE/);
  });

  test("that no header takes is the token of no agent, and stands in no error", async (t) => {
    const agent = await ScriptedAgent.start(t, right("t\u{e9}"));
    const error = await errorOf(connect({ url: agent.url, token: "t\u{e9}\n" }).getAll());
    assert.equal(error.code, "unauthorized");
    assert.doesNotMatch(`${error.message}${String(error.cause)}`, /t\u{e9}/u);
  });
});

describe("what the other side repeats of the token", () => {
  const echo: Script = (request, response) => {
    const error = `${"x".repeat(370)} ${request.headers.authorization} is wrong`;
    json(401, { error })(request, response);
  };

  test("stands in no error, also where the message ends within it", async (t) => {
    const agent = await ScriptedAgent.start(t, echo);
    const token = "a-token-of-32-characters-0123456";
    const { message } = await errorOf(connect({ url: agent.url, token }).refresh());
    assert.match(message, /Bearer \[hidden\] is wrong/);
    assert.doesNotMatch(message, /a-token/);
  });

  test("stands in no error where the token is of a file that was written anew", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    await writeFile(tokenFile, "older\n");
    const agent = await ScriptedAgent.start(t, json(200, {}), echo);
    const client = connect({ url: agent.url, tokenFile });
    await client.getAll();
    await writeFile(tokenFile, "newer\u{e9}\n");
    const { message } = await errorOf(client.refresh());
    assert.equal(agent.asked.length, 3);
    assert.match(message, /Bearer \[hidden\] is wrong/);
  });

  test("is not looked for where none was sent", async (t) => {
    const agent = await ScriptedAgent.start(t, echo);
    const { message } = await errorOf(connect({ url: agent.url, ...NOWHERE }).refresh());
    assert.match(message, /xxx undefined is wrong/);
  });
});

describe("an abort signal", () => {
  const calls: Readonly<Record<string, (client: Client, signal: AbortSignal) => Promise<unknown>>> =
    {
      get: (client, signal) => client.get("X", { signal }),
      getAll: (client, signal) => client.getAll({ signal }),
      keys: (client, signal) => client.keys({ signal }),
      ready: (client, signal) => client.ready({ signal }),
      refresh: (client, signal) => client.refresh({ signal }),
      watch: (client, signal) => client.watch({ signal }).next(),
    };
  for (const [name, call] of Object.entries(calls)) {
    test(`ends ${name}, before it is asked and while it waits for the answer`, async (t) => {
      const agent = await ScriptedAgent.start(t, silence);
      const client = connect({ url: agent.url });
      const reason = new Error("enough");
      const before = await errorOf(call(client, AbortSignal.abort(reason)));
      assert.deepEqual([before.code, before.cause], ["aborted", reason]);
      const controller = new AbortController();
      const during = errorOf(call(client, controller.signal));
      await eventually("it was asked", () => agent.asked.length > 0);
      controller.abort(reason);
      assert.deepEqual([(await during).code, (await during).cause], ["aborted", reason]);
    });
  }

  test("ends the pause before the next attempt", async (t) => {
    const agent = await ScriptedAgent.start(t, json(429, {}, { "retry-after": "600" }));
    const controller = new AbortController();
    const error = errorOf(connect({ url: agent.url }).ready({ signal: controller.signal }));
    await eventually("it was asked", () => agent.asked.length > 0);
    controller.abort();
    assert.equal((await error).code, "aborted");
  });
});

describe("ready", () => {
  test("waits until the agent says so", async (t) => {
    const no = json(503, { ready: false, reason: "not_loaded" });
    const agent = await ScriptedAgent.start(t, hangUp, no, no, json(200, { ready: true }));
    await connect({ url: agent.url }).ready({ timeoutMs: Number.POSITIVE_INFINITY });
    assert.equal(agent.asked.at(-1)?.path, "/v1/ready");
  });

  test("gives up an agent that does not answer when its time is over", async (t) => {
    const agent = await ScriptedAgent.start(t, silence);
    const error = await errorOf(connect({ url: agent.url }).ready({ timeoutMs: 50 }));
    assert.equal(error.code, "timeout");
  });
});

describe("where the agent is", () => {
  const refused = (options: Parameters<typeof connect>[0]): ClientError => {
    try {
      connect(options);
    } catch (error) {
      assert.ok(error instanceof ClientError);
      assert.equal(error.code, "config_invalid");
      return error;
    }
    return assert.fail("it was taken");
  };

  test("is said by options before variables, and by a socket before a URL", async (t) => {
    const agent = await ScriptedAgent.start(t, json(200, {}));
    const wrong = { CLEF_AGENT_URL: "http://127.0.0.1:9", CLEF_AGENT_SOCKET: "/no/such.sock" };
    const env = { CLEF_AGENT_SOCKET: agent.socket, CLEF_AGENT_URL: "http://127.0.0.1:9" };
    await connect({ env }).getAll();
    await connect({ url: agent.url, env: wrong }).getAll();
    await connect({ socket: agent.socket, env: wrong }).getAll();
    await connect({ env: { CLEF_AGENT_URL: agent.url, CLEF_AGENT_SOCKET: " " } }).getAll();
    const both = { CLEF_AGENT_TOKEN: "a", CLEF_AGENT_TOKEN_FILE: "/no/such" };
    await connect({ url: agent.url, token: "t", env: both }).getAll();
    assert.equal(agent.asked.at(-1)?.headers.authorization, "Bearer t");
    assert.match(refused({ env: both }).message, /CLEF_AGENT_TOKEN_FILE/);
  });

  test("is the port that agents have where nobody says otherwise", () => {
    assert.deepEqual(settingsOf({ env: {} }).address, { host: "127.0.0.1", port: 7779 });
    assert.deepEqual(settingsOf({ env: { CLEF_AGENT_URL: "http://[::1]:80/" } }).address, {
      host: "127.0.0.1",
      port: 80,
    });
  });

  test("is this machine and no other, since the token goes there", async (t) => {
    for (const url of [
      "http://example.org:7779",
      "https://127.0.0.1:7779",
      "http://127.0.0.1.example.org",
      "http://user:password@127.0.0.1:7779",
      "http://127.0.0.1:7779@example.org",
      "http://127.0.0.1:77799",
      "http://127.0.0.1:7779/path",
      "127.0.0.1:7779",
    ]) {
      const { message } = refused({ url, ...NOWHERE });
      assert.match(message, /^CLEF_AGENT_URL must be/);
      assert.doesNotMatch(message, /example|password/);
    }
    const agent = await ScriptedAgent.start(t, json(200, {}));
    await connect({ url: agent.url.replace("127.0.0.1", "LOCALHOST"), ...NOWHERE }).getAll();
    assert.match(String(agent.asked[0]?.headers.host), /^127\.0\.0\.1:/);
  });
});
