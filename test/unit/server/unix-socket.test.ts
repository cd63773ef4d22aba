import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { Server } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import { jsonResponse } from "../../../src/server/response.ts";
import type { Listener } from "../../../src/server/http-server.ts";
import { listenOnSocket } from "../../../src/server/listen-on-socket.ts";
import { openSocketDirectory } from "../../../src/server/socket-directory.ts";
import { listenOnFile } from "../../../src/server/socket-file.ts";
import { httpRequest } from "../../support/agent-process.ts";
import { coded } from "../../support/errors.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const bitsOf = (path: string): number => lstatSync(path).mode & 0o777;
const SOMEBODY_ELSE = 12_345;
const NEEDS_ROOT = process.getuid?.() === 0 ? false : "only root gives files to other users";

/** Looks at its socket in the first moment in which there is one. */
class WatchedServer extends Server {
  readonly modes: number[] = [];

  override listen(options: unknown): this {
    assert.ok(typeof options === "object" && options !== null && "path" in options);
    super.listen(options);
    this.modes.push(bitsOf(String(options.path)));
    return this;
  }
}

describe("the mode of a socket", () => {
  for (const mode of [0o600, 0o660, 0o770]) {
    test(`is ${mode.toString(8)} from the first moment, and the umask is what it was`, async (t) => {
      const path = join(await temporaryDirectory(t), "agent.sock");
      const before = process.umask(0o001);
      t.after(() => process.umask(before));
      const server = new WatchedServer();
      const file = await listenOnFile(server, { path, mode });
      assert.deepEqual(server.modes, [mode]);
      assert.equal(bitsOf(path), mode);
      assert.equal(process.umask(0o001), 0o001);
      file.leave(() => server.close());
    });
  }

  test("cannot be kept in a worker thread, which says so", async (t) => {
    const path = join(await temporaryDirectory(t), "agent.sock");
    const module = new URL("../../../src/server/socket-file.ts", import.meta.url).href;
    const code = `
      import { Server } from "node:net";
      import { parentPort } from "node:worker_threads";
      const { listenOnFile } = await import(${JSON.stringify(module)});
      const said = await listenOnFile(new Server(), { path: ${JSON.stringify(path)}, mode: 0o600 })
        .then(() => "no error", (error) => error.message);
      parentPort.postMessage(said);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    const said = await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    assert.match(String(said), /worker thread cannot open it/);
  });
});

test("a directory that this user may not search is told of by variable and code", async (t) => {
  const directory = await temporaryDirectory(t);
  chmodSync(directory, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(SOMEBODY_ELSE);
  const listening = listenOnFile(new Server(), {
    path: join(directory, "agent.sock"),
    mode: 0o600,
  });
  await assert
    .rejects(listening, coded("listen_failed", /CLEF_AGENT_SOCKET: .*\(EACCES\)/))
    .finally(() => {
      if (isRoot) process.seteuid?.(0);
      chmodSync(directory, 0o700);
    });
});

describe("the directory of a socket", () => {
  const open = async (t: TestContext, prepare: (run: string) => void): Promise<string> => {
    const run = join(await temporaryDirectory(t), "run");
    prepare(run);
    const { log, lines } = recordingLog();
    await openSocketDirectory({ path: join(run, "agent.sock"), mode: 0o600 }, log);
    assert.deepEqual(lines, []);
    return run;
  };

  test("is made with all that is missing above it", async (t) => {
    const directory = join(await temporaryDirectory(t), "a");
    const before = process.umask(0o077);
    t.after(() => process.umask(before));
    const socket = { path: join(directory, "b", "agent.sock"), mode: 0o660 };
    await openSocketDirectory(socket, recordingLog().log);
    assert.equal(statSync(directory).mode & 0o777, 0o750);
    assert.equal(statSync(join(directory, "b")).mode & 0o777, 0o750);
  });

  test(
    "of another user is refused, and one that another user's link leads to",
    { skip: NEEDS_ROOT },
    async (t) => {
      const refused = coded("listen_failed", /CLEF_AGENT_SOCKET: its directory belongs to another/);
      const given = (run: string): void => {
        mkdirSync(run);
        chownSync(run, SOMEBODY_ELSE, SOMEBODY_ELSE);
      };
      await assert.rejects(open(t, given), refused);
      const linked = (run: string): void => {
        mkdirSync(`${run}.real`);
        symlinkSync(`${run}.real`, run);
        lchownSync(run, SOMEBODY_ELSE, SOMEBODY_ELSE);
      };
      await assert.rejects(open(t, linked), refused);
    },
  );

  for (const { mode, group, socket, writers } of [
    { mode: 0o777, socket: 0o660, writers: "any user" },
    { mode: 0o1777, socket: 0o600, writers: undefined },
    { mode: 0o770, socket: 0o600, writers: "any user of its group" },
    { mode: 0o770, socket: 0o660, writers: undefined },
    { mode: 0o770, group: SOMEBODY_ELSE, socket: 0o660, writers: "any user of its group" },
    { mode: 0o1770, group: SOMEBODY_ELSE, socket: 0o660, writers: undefined },
    { mode: 0o750, group: SOMEBODY_ELSE, socket: 0o600, writers: undefined },
  ]) {
    const skip = group === undefined ? false : NEEDS_ROOT;
    const whose = group === undefined ? "the agent's group" : "another group";
    test(
      `of ${whose} with mode ${mode.toString(8)} and a socket of ${socket.toString(8)} is warned of for ${writers ?? "nobody"}`,
      { skip },
      async (t) => {
        const run = join(await temporaryDirectory(t), "run");
        mkdirSync(run);
        chownSync(run, process.getuid?.() ?? 0, group ?? process.getgid?.() ?? 0);
        chmodSync(run, mode);
        const recorded = recordingLog();
        await openSocketDirectory({ path: join(run, "agent.sock"), mode: socket }, recorded.log);
        const said = recorded.messages("warn").map((message) => message.split(" may write to ")[0]);
        assert.deepEqual(said, writers === undefined ? [] : [`CLEF_AGENT_SOCKET: ${writers}`]);
      },
    );
  }

  test("that cannot be made is told of by its variable and the system's code", async () => {
    const socket = { path: "/proc/self/none/agent.sock", mode: 0o600 };
    await assert.rejects(
      openSocketDirectory(socket, recordingLog().log),
      coded("listen_failed", /CLEF_AGENT_SOCKET: its directory cannot be used \(E[A-Z]+\)/),
    );
  });
});

const listenerAt = (path: string): Promise<Listener> =>
  listenOnSocket({
    variable: "CLEF_AGENT_SOCKET",
    limits: { unproven: 4, trusted: 4 },
    onDropped: () => undefined,
    socket: { path, mode: 0o600 },
    handler: (request) => {
      request.showedToken(true);
      return jsonResponse(200, "here");
    },
    log: recordingLog().log,
  });

test("a listener on a socket answers, keeps the connection, and takes its file with it", async (t) => {
  const path = join(await temporaryDirectory(t), "agent.sock");
  const listener = await listenerAt(path);
  const answer = await httpRequest(path, "/", {});
  assert.equal(answer.body, '"here"');
  await listener.close(0);
  await assert.rejects(httpRequest(path, "/", {}), { code: "ENOENT" });
});

test("a listener on a socket that closes is found by nobody any more, and answers all who had found it", async (t) => {
  const path = join(await temporaryDirectory(t), "agent.sock");
  const listener = await listenerAt(path);
  const asked = [1, 2, 3].map(() => httpRequest(path, "/", {}));
  // They are connected by now, and none is accepted.
  await new Promise((resolve) => process.nextTick(resolve));
  const closed = listener.close(5_000);
  assert.equal(existsSync(path), false);
  for (const answer of await Promise.all(asked)) assert.equal(answer.body, '"here"');
  await closed;
});
