import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { SOCKET_PATH_MAX_BYTES } from "../../src/limits.ts";
import {
  AGENT_COMMAND,
  AgentProcess,
  type Answer,
  httpRequest,
  TOKEN,
} from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const SECRETS = { app: { KEY: "one" }, other: { KEY: "two" }, TOP: "level" };
const MODES = [
  { mode: "cached", ttl: "300" },
  { mode: "just-in-time", ttl: "0" },
] as const;

const ONLY_LINUX = process.platform === "linux" ? false : "reads /proc";

interface Place {
  readonly directory: string;
  readonly socket: string;
  readonly env: Readonly<Record<string, string>>;
}

async function place(t: TestContext): Promise<Place> {
  const directory = await temporaryDirectory(t);
  const source = join(directory, "artifact.json");
  await writeFile(source, await pack({ secrets: SECRETS }));
  const socket = join(directory, "run", "agent.sock");
  const env = {
    CLEF_AGENT_SOURCE: source,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_PORT: "none",
    CLEF_AGENT_SOCKET: socket,
  };
  return { directory, socket, env };
}

const bitsOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);

for (const { mode, ttl } of MODES) {
  describe(`the API on a Unix socket, in ${mode} mode`, () => {
    test("answers as it does on the port, and asks for no token", async (t) => {
      const { socket, env } = await place(t);
      const agent = AgentProcess.start(t, {
        ...env,
        CLEF_AGENT_PORT: "0",
        CLEF_AGENT_CACHE_TTL: ttl,
      });
      await agent.ready();
      const port = await agent.port();
      for (const [method, path] of [
        ["GET", "/v1/secrets"],
        ["HEAD", "/v1/secrets"],
        ["GET", "/v1/secrets?format=flat"],
        ["GET", "/v1/secrets/TOP"],
        ["GET", "/v1/secrets/app/KEY"],
        ["GET", "/v1/secrets/KEY"],
        ["GET", "/v1/secrets/NOPE"],
        ["GET", "/v1/keys"],
        ["GET", "/v1/ready"],
        ["GET", "/v1/nothing"],
        ["GET", "/v1/secrets/%E0%A4%A"],
        ["POST", "/v1/secrets"],
        ["GET", "/v1/refresh"],
      ] as const) {
        const onPort = await httpRequest(port, path, { authorization: `Bearer ${TOKEN}` }, method);
        const onSocket = await httpRequest(socket, path, {}, method);
        assert.deepEqual(comparable(onSocket), comparable(onPort), `${method} ${path}`);
      }
      const health = JSON.parse((await httpRequest(socket, "/v1/health", {})).body) as object;
      assert.equal(Reflect.get(health, "mode"), ttl === "0" ? "jit" : "cached");
    });

    test("checks no Host and no token, and refuses what came through a proxy", async (t) => {
      const { socket, env } = await place(t);
      const agent = AgentProcess.start(t, { ...env, CLEF_AGENT_CACHE_TTL: ttl });
      await agent.ready();
      const status = async (headers: Readonly<Record<string, string>>): Promise<number> =>
        (await httpRequest(socket, "/v1/secrets", headers)).status;
      assert.equal(await status({ host: "anything.example" }), 200);
      assert.equal(await status({ host: "" }), 200);
      assert.equal(await status({ authorization: "Bearer wrong" }), 200);
      for (const name of ["forwarded", "x-forwarded-for", "x-forwarded-host"]) {
        assert.equal(await status({ [name]: "for=10.0.0.1" }), 403, name);
      }
    });

    test("is all there is with CLEF_AGENT_PORT=none", { skip: ONLY_LINUX }, async (t) => {
      const { env } = await place(t);
      const agent = AgentProcess.start(t, { ...env, CLEF_AGENT_CACHE_TTL: ttl });
      await agent.ready();
      assert.deepEqual(listeningTcp(agent), []);
      const other = AgentProcess.start(t, { ...env, CLEF_AGENT_SOCKET: undefined });
      assert.equal((await other.ended()).code, 1);
      assert.match(other.stderr, /CLEF_AGENT_PORT is none and CLEF_AGENT_SOCKET is not set/);
    });
  });
}

describe("the file of a socket", () => {
  for (const { wish, bits, directoryBits } of [
    { wish: undefined, bits: "600", directoryBits: "700" },
    { wish: "0660", bits: "660", directoryBits: "750" },
  ]) {
    test(`has the mode ${bits}, and a directory made for it ${directoryBits}, whatever the umask`, async (t) => {
      for (const umask of ["000", "077"]) {
        const { directory, socket, env } = await place(t);
        const agent = AgentProcess.start(
          t,
          { ...env, CLEF_AGENT_SOCKET_MODE: wish },
          ["run"],
          ["sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...AGENT_COMMAND],
        );
        await agent.ready();
        assert.equal(bitsOf(socket), bits);
        assert.equal(bitsOf(join(directory, "run")), directoryBits);
      }
    });
  }

  test("may have a path of as many bytes as the system takes", async (t) => {
    const { directory, env } = await place(t);
    const socket = join(directory, "x".repeat(SOCKET_PATH_MAX_BYTES - directory.length - 1));
    const agent = AgentProcess.start(t, { ...env, CLEF_AGENT_SOCKET: socket });
    await agent.ready();
    assert.equal((await httpRequest(socket, "/v1/keys", {})).status, 200);
  });

  test("that a dead agent left behind is replaced", async (t) => {
    const { socket, env } = await place(t);
    const first = AgentProcess.start(t, env);
    await first.ready();
    first.child.kill("SIGKILL");
    await first.ended();
    assert.ok(existsSync(socket));
    const second = AgentProcess.start(t, env);
    await second.ready();
    assert.equal((await httpRequest(socket, "/v1/keys", {})).status, 200);
  });

  test("of a living agent is left to it", async (t) => {
    const { socket, env } = await place(t);
    const first = AgentProcess.start(t, env);
    await first.ready();
    const second = AgentProcess.start(t, env);
    assert.equal((await second.ended()).code, 1);
    const line = await second.logged("error", ({ level }) => level === "error");
    assert.equal(line["code"], "listen_failed");
    assert.match(String(line["message"]), /^CLEF_AGENT_SOCKET: another program listens on it/);
    assert.equal((await httpRequest(socket, "/v1/keys", {})).status, 200);
  });

  test("goes to one alone of several agents that start at once", async (t) => {
    const { socket, env } = await place(t);
    const before = AgentProcess.start(t, env);
    await before.ready();
    before.child.kill("SIGKILL");
    await before.ended();
    const agents = Array.from({ length: 4 }, () => AgentProcess.start(t, env));
    await eventually("all but one to give up", () => {
      const running = agents.filter(({ exit }) => exit === undefined);
      return running.length === 1 ? running : undefined;
    });
    assert.equal((await httpRequest(socket, "/v1/health", {})).status, 200);
  });

  test("is never made in the place of a file that is none", async (t) => {
    for (const kind of ["file", "directory"]) {
      const { directory, socket, env } = await place(t);
      mkdirSync(join(directory, "run"));
      if (kind === "file") writeFileSync(socket, "precious");
      else mkdirSync(socket);
      const agent = AgentProcess.start(t, env);
      assert.equal((await agent.ended()).code, 1);
      assert.match(agent.stderr, /CLEF_AGENT_SOCKET: a file that is no socket is in its place/);
      if (kind === "file") assert.equal(readFileSync(socket, "utf8"), "precious");
    }
  });

  test("goes at a stop", async (t) => {
    const { directory, env } = await place(t);
    const agent = AgentProcess.start(t, env);
    await agent.ready();
    await agent.stop();
    assert.deepEqual(readdirSync(join(directory, "run")), []);
  });

  test("stays at a stop where it is another's by then", async (t) => {
    const { directory, socket, env } = await place(t);
    const agent = AgentProcess.start(t, env);
    await agent.ready();
    unlinkSync(socket);
    const successor = createServer((client) => client.end());
    await new Promise<void>((resolve) => void successor.listen(socket, resolve));
    t.after(() => successor.close());
    const { ino } = lstatSync(socket);
    await agent.stop();
    assert.equal(lstatSync(socket).ino, ino);
    assert.deepEqual(readdirSync(join(directory, "run")), ["agent.sock"]);
  });
});

describe("the directory of a socket", () => {
  test("that any user may write to is warned of, with a subdirectory as the remedy", async (t) => {
    const { directory, env } = await place(t);
    mkdirSync(join(directory, "run"));
    chmodSync(join(directory, "run"), 0o777);
    const agent = AgentProcess.start(t, env);
    await agent.ready();
    const line = agent.log.find(({ message }) => String(message).startsWith("CLEF_AGENT_SOCKET"));
    assert.match(String(line?.["message"]), /any user may write to its directory.*subdirectory/);
  });

  test("with a sticky bit, or closed to others, is not", async (t) => {
    for (const mode of [0o1777, 0o755, 0o700]) {
      const { directory, env } = await place(t);
      mkdirSync(join(directory, "run"));
      chmodSync(join(directory, "run"), mode);
      const agent = AgentProcess.start(t, env);
      await agent.ready();
      assert.doesNotMatch(agent.stderr, /CLEF_AGENT_SOCKET/);
    }
  });
});

const OF_ONE: ReadonlySet<string> = new Set(["date", "connection", "keep-alive"]);

/** What two answers to the same question have in common; the rest is of its connection and moment. */
function comparable({ status, headers, body }: Answer): object {
  const ofBoth = Object.entries(headers).filter(([name]) => !OF_ONE.has(name));
  return { status, body, headers: Object.fromEntries(ofBoth) };
}

/** The TCP sockets on which a process listens, as the kernel lists them. */
function listeningTcp({ child }: AgentProcess): readonly string[] {
  const proc = `/proc/${child.pid}`;
  const own = new Set(readdirSync(`${proc}/fd`).map((fd) => linkAt(`${proc}/fd/${fd}`)));
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`${proc}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .filter((line) => {
        const [, , , state, , , , , , inode] = line.trim().split(/\s+/);
        return state === "0A" && own.has(`socket:[${inode}]`);
      }),
  );
}

/** Where a link leads; nowhere where it has gone meanwhile. */
function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
