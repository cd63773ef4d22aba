import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { TOKEN } from "../../support/agent-process.ts";
import { Attached, attachedTo } from "../../support/exec/attached.ts";
import { ForwardProxy } from "../../support/proxy.ts";
import { Sidecar } from "../../support/sidecar.ts";

// The other pairs are in test/long.
attachedTo("TCP", "cached");

describe("exec --agent", { concurrency: true }, () => {
  test("gives the command the agent's address and token, and no key is needed anywhere", async (t) => {
    const tcp = await Sidecar.start(t, { way: "TCP" });
    const shown = new Attached(t, tcp, ["sh", "-c", "env | grep ^CLEF_ | sort"]);
    assert.equal(await shown.code(), 0, shown.process.stderr);
    const { CLEF_AGENT_URL: url } = tcp.clients;
    assert.equal(shown.process.stdout, `CLEF_AGENT_TOKEN=${TOKEN}\nCLEF_AGENT_URL=${url}\n`);
    const socket = await Sidecar.start(t, { way: "a Unix socket" });
    const other = new Attached(t, socket, ["sh", "-c", "env | grep ^CLEF_"]);
    assert.equal(await other.code(), 0, other.process.stderr);
    assert.equal(
      other.process.stdout,
      `CLEF_AGENT_SOCKET=${socket.clients["CLEF_AGENT_SOCKET"]}\n`,
    );
    const none = new Attached(t, tcp, ["sh", "-c", "env | grep -c ^CLEF_"], {
      options: ["--no-api"],
    });
    assert.equal(await none.code(), 1);
    assert.equal(none.process.stdout, "0\n");
  });

  test("chooses by namespace, as exec does", async (t) => {
    const secrets = { app: { KEY: "of app" }, other: { KEY: "of other" } };
    const sidecar = await Sidecar.start(t, { way: "TCP", secrets });
    const exec = new Attached(t, sidecar, ["sh", "-c", 'echo "$KEY"'], {
      options: ["--namespace", "app"],
    });
    assert.equal(await exec.code(), 0);
    assert.equal(exec.process.stdout, "of app\n");
  });

  test("never sends the token through a proxy", async (t) => {
    const proxy = await ForwardProxy.start(t);
    const sidecar = await Sidecar.start(t, { way: "TCP" });
    const env = {
      HTTP_PROXY: proxy.url,
      http_proxy: proxy.url,
      HTTPS_PROXY: proxy.url,
      ALL_PROXY: proxy.url,
      NODE_USE_ENV_PROXY: "1",
    };
    const exec = new Attached(t, sidecar, ["true"], { env });
    assert.equal(await exec.code(), 0, exec.process.stderr);
    assert.deepEqual(proxy.asked, []);
  });

  test("follows a token that is rotated in its file", async (t) => {
    const sidecar = await Sidecar.at(t, { way: "TCP" });
    const file = join(sidecar.directory, "token");
    const inFile = { CLEF_AGENT_TOKEN: undefined, CLEF_AGENT_TOKEN_FILE: file };
    await writeFile(file, TOKEN, { mode: 0o600 });
    await sidecar.start(inFile);
    const command = ["sh", "-c", 'echo "ready $KEY $CLEF_AGENT_TOKEN"; exec sleep 60'];
    const exec = new Attached(t, sidecar, command, { env: inFile });
    await exec.prints(`ready one ${TOKEN}`);
    const other = "another-token-0123456789abcdef";
    await writeFile(file, other);
    await sidecar.repack({ KEY: "two" });
    await exec.prints(`ready two ${other}`);
  });

  test("ends with 1 when nothing is served in time, and the command never ran", async (t) => {
    const sidecar = await Sidecar.at(t, { way: "TCP" });
    const exec = new Attached(t, sidecar, ["echo", "ran"], {
      env: { CLEF_AGENT_STARTUP_TIMEOUT: "1" },
    });
    assert.equal(await exec.code(), 1);
    assert.equal(exec.process.stdout, "");
    assert.match(exec.process.stderr, /startup_timeout/);
    assert.match(exec.process.stderr, /no secrets within 1 s .*ECONNREFUSED/);
  });

  test("ends with 1 at once where the agent refuses its only token", async (t) => {
    const sidecar = await Sidecar.start(t, { way: "TCP" });
    const exec = new Attached(t, sidecar, ["echo", "ran"], {
      env: { CLEF_AGENT_TOKEN: "another-token-0123456789abcdef" },
    });
    assert.equal(await exec.code(), 1);
    assert.equal(exec.process.stdout, "");
    assert.match(exec.process.stderr, /agent_unavailable/);
    assert.doesNotMatch(exec.process.stderr, /another-token/);
  });

  test("takes no source, no key and nothing else of an agent of its own, and names all of it", async (t) => {
    const sidecar = await Sidecar.at(t, { way: "TCP" });
    const env = {
      CLEF_AGENT_SOURCE: "/no/such",
      CLEF_AGENT_AGE_KEY_FILE: "/no/such",
      CLEF_AGENT_FILES_DIR: "/no/such",
      CLEF_AGENT_URL: "http://example.org",
      CLEF_AGENT_SORCE: "x",
    };
    const exec = new Attached(t, sidecar, ["echo", "ran"], { env });
    assert.equal(await exec.code(), 1);
    assert.equal(exec.process.stdout, "");
    const codes = exec.process.log.map(({ code, message }) => [
      code,
      String(message).split(" ", 1)[0],
    ]);
    assert.deepEqual(codes, [
      ["config_unknown_variable", "CLEF_AGENT_SORCE"],
      ["config_conflict", "CLEF_AGENT_SOURCE"],
      ["config_conflict", "CLEF_AGENT_AGE_KEY_FILE"],
      ["config_conflict", "CLEF_AGENT_FILES_DIR"],
      ["config_invalid", "CLEF_AGENT_URL"],
    ]);
  });
});
