import { randomBytes } from "node:crypto";
import { type BigIntStats, lstatSync, renameSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";
import type { SocketConfig } from "../config/listeners.ts";
import { AgentError, systemCode } from "../errors.ts";
import { LISTEN_BACKLOG, SOCKET_ANSWER_MS } from "../limits.ts";
import { socketError } from "./socket-error.ts";

/** A socket's file while a server listens on it. */
export interface SocketFile {
  /** Takes it away, if it is still this server's: nobody connects any more, and who has connected is accepted yet. */
  remove(): void;
  /**
   * Ends the listening.
   *
   * @param stop - closes the server, with which Node.js removes whatever is at the path; here that stays
   * if it is not this server's any more.
   */
  leave(stop: () => void): void;
}

/**
 * Lets a server listen on a socket, in the place of a dead one at most.
 *
 * @throws AgentError `listen_failed` if somebody listens there, or something else is there.
 */
export async function listenOnFile(server: Server, socket: SocketConfig): Promise<SocketFile> {
  try {
    return await takeFile(server, socket);
  } catch (error) {
    throw error instanceof AgentError ? error : bindError(systemCode(error));
  }
}

async function takeFile(server: Server, { path, mode }: SocketConfig): Promise<SocketFile> {
  const dead = await deadSocketAt(path);
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
  });
  // From here to the bind nothing else of this process runs, so that no other agent's socket is taken
  // for the dead one, and no other file gets this umask.
  const found = look(path);
  if (dead !== undefined && found !== undefined && isUnchanged(dead, found)) unlinkSync(path);
  const bound = bindUnder(0o777 & ~mode, server, path);
  await listening;
  if (bound === undefined || (Number(bound.mode) & 0o777 & ~mode) !== 0) {
    server.close();
    throw socketError("its file system does not keep the mode that was asked for; use another one");
  }
  return {
    remove() {
      const current = look(path);
      if (current !== undefined && isSameFile(current, bound)) unlinkSync(path);
    },
    leave(stop) {
      const current = look(path);
      if (current === undefined || isSameFile(current, bound)) stop();
      else sparing(path, stop);
    },
  };
}

/**
 * What is at the path and may be replaced; undefined where nothing is.
 *
 * @throws AgentError `listen_failed` for what may not.
 */
async function deadSocketAt(path: string): Promise<BigIntStats | undefined> {
  const found = look(path);
  if (found === undefined) return undefined;
  if (!found.isSocket()) {
    throw socketError("a file that is no socket is in its place; remove it, or use another path");
  }
  const refusal = await refusalAt(path);
  // Only the kernel's own word that nobody listens makes a socket a dead one.
  if (refusal === "ECONNREFUSED" || refusal === "ENOENT") return found;
  throw refusal === undefined ? inUse() : bindError(refusal);
}

/** How the kernel refuses a connection to a socket; undefined where somebody listens or is too busy to. */
async function refusalAt(path: string): Promise<string | undefined> {
  const answer = Promise.withResolvers<string | undefined>();
  const client = connect(path);
  client.setTimeout(SOCKET_ANSWER_MS, () => answer.resolve(undefined));
  client.once("connect", () => answer.resolve(undefined));
  client.once("error", (error) => {
    const code = systemCode(error) ?? "?";
    answer.resolve(code === "EAGAIN" ? undefined : code);
  });
  const refusal = await answer.promise;
  client.destroy();
  return refusal;
}

/**
 * Binds under a umask, so that the socket has its mode from the first instant.
 *
 * @returns what is at the path then: the socket, unless the server tells of an error soon.
 */
function bindUnder(umask: number, server: Server, path: string): BigIntStats | undefined {
  let before;
  try {
    before = process.umask(umask);
  } catch {
    throw socketError("a worker thread cannot open it; start the agent in the main thread");
  }
  try {
    // Binds before it returns, and here even in a worker of node:cluster.
    server.listen({ path, backlog: LISTEN_BACKLOG, exclusive: true });
  } finally {
    process.umask(before);
  }
  return look(path);
}

/** Keeps what is at the path out of the reach of what removes it. */
function sparing(path: string, removes: () => void): void {
  const aside = join(dirname(path), `.${randomBytes(6).toString("hex")}`);
  let isAside = true;
  try {
    renameSync(path, aside);
  } catch {
    // Then nothing here can remove it either.
    isAside = false;
  }
  removes();
  if (isAside) renameSync(aside, path);
}

function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** A number is not given to another file while a socket is bound to it. */
function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** For a file that nobody holds: its number may be that of a new one. */
function isUnchanged(one: BigIntStats, other: BigIntStats): boolean {
  return isSameFile(one, other) && one.ctimeNs === other.ctimeNs;
}

function inUse(): AgentError {
  return socketError("another program listens on it; stop it, or use another path");
}

function bindError(code: string | undefined): AgentError {
  if (code === "EADDRINUSE") return inUse();
  return socketError(
    `it cannot be listened on (${code ?? "unknown error"}); may this user write to its directory, and is the path short enough?`,
  );
}
