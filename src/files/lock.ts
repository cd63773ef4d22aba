import { connect, createServer, type Server } from "node:net";
import { AgentError, systemCode } from "../errors.ts";
import { FILES_LOCKS_MAX, LOCK_ANSWER_MS } from "../limits.ts";
import { underUmask } from "../system/under-umask.ts";
import type { Directory } from "./directory.ts";
import { kindOf, nameOf, newOwnName } from "./layout.ts";

/**
 * Takes a directory for one agent. Its lock is a socket in it on which it listens: the kernel stops
 * answering there when the process ends, however it ends, and answers across containers that share the
 * directory, where neither process ids nor a network namespace are shared.
 *
 * Every agent has a socket of its own name, and looks for those of others only once it listens itself: of
 * two that start at once at least one sees the other, and nobody ever removes the socket of a living one
 * by the name of a dead one.
 *
 * @throws AgentError `files_in_use` if another agent answers; the file system's own error.
 */
export async function lockDirectory(root: Directory): Promise<{ release(): Promise<void> }> {
  const own = nameOf(newOwnName(), "lock");
  const server = await listen(root, own);
  const release = async (): Promise<void> => {
    const closed = Promise.withResolvers<undefined>();
    server.close(() => closed.resolve(undefined));
    await closed.promise;
    root.unlink(own);
  };
  try {
    const others = root.list().filter((name) => kindOf(name) === "lock" && name !== own);
    if (others.length > FILES_LOCKS_MAX) throw inUse();
    const answers = await Promise.all(others.map((name) => answersAt(root, name)));
    if (answers.includes(true)) throw inUse();
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function listen(root: Directory, name: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  const listening = Promise.withResolvers<undefined>();
  server.once("error", (error) => listening.reject(error));
  // Everybody may ask, or an agent of another user could not tell a living one from a dead one. By the
  // umask, as Node.js would change the mode by its path, where another process may have put a link.
  underUmask(0, () => server.listen(root.socketPath(name), () => listening.resolve(undefined)));
  await listening.promise;
  server.unref();
  return server;
}

/** Whether somebody listens on a socket; what is left of a dead agent is removed. */
async function answersAt(root: Directory, name: string): Promise<boolean> {
  if (root.lstat(name)?.isSocket() !== true) return false;
  const answer = Promise.withResolvers<boolean>();
  const socket = connect(root.socketPath(name));
  // No answer in time is one that is too busy, or stopped.
  socket.setTimeout(LOCK_ANSWER_MS, () => answer.resolve(true));
  socket.once("connect", () => answer.resolve(true));
  socket.once("error", (error) => {
    const code = systemCode(error);
    answer.resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
  });
  const answers = await answer.promise;
  socket.destroy();
  if (!answers) root.unlink(name);
  return answers;
}

function inUse(): AgentError {
  return new AgentError(
    "files_in_use",
    "another agent writes to CLEF_AGENT_FILES_DIR; give every agent a directory of its own",
  );
}
