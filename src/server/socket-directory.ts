import type { Stats } from "node:fs";
import { chmod, lstat, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { SocketConfig } from "../config/listeners.ts";
import { systemCode } from "../errors.ts";
import type { Log } from "../telemetry/log.ts";
import { socketError } from "./socket-error.ts";

const GROUP = 0o070;
const WRITE_BY_GROUP = 0o020;
const WRITE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/**
 * Makes the directory of a socket if it is missing, and looks whom it belongs to: whoever may replace the
 * socket is whom the clients ask (contract, section 3).
 *
 * @throws AgentError `listen_failed` if it cannot be made or belongs to somebody else.
 */
export async function openSocketDirectory({ path, mode }: SocketConfig, log: Log): Promise<void> {
  const directory = dirname(path);
  const { target, link } = await opened(directory, (mode & GROUP) === 0 ? 0o700 : 0o750);
  const user = process.getuid?.();
  if (user === undefined) return;
  if ([target, link].some(({ uid }) => uid !== 0 && uid !== user)) {
    throw socketError(
      "its directory belongs to another user, who could put a socket of their own there; use a directory of the agent's user or of root",
    );
  }
  const writers = strangersWhoMayWrite(target, mode);
  if (writers !== undefined) {
    log.warn(
      `CLEF_AGENT_SOCKET: ${writers} may write to its directory and put a socket of their own there; use a subdirectory of it, which the agent makes for its user alone`,
    );
  }
}

/** Those whom nobody let use the socket, and who may replace it; undefined where there are none. */
function strangersWhoMayWrite(directory: Stats, socketMode: number): string | undefined {
  // There one replaces only what is one's own.
  if ((directory.mode & STICKY) !== 0) return undefined;
  if ((directory.mode & WRITE_BY_OTHERS) !== 0) return "any user";
  // A socket with bits for the agent's group says that its users are trusted.
  const isTrusted = (socketMode & GROUP) !== 0 && directory.gid === process.getgid?.();
  return (directory.mode & WRITE_BY_GROUP) !== 0 && !isTrusted
    ? "any user of its group"
    : undefined;
}

/** The directory, made where there was none, and itself or the link that leads to it. */
async function opened(
  directory: string,
  mode: number,
): Promise<{ readonly target: Stats; readonly link: Stats }> {
  try {
    await make(directory, mode);
    return { target: await stat(directory), link: await lstat(directory) };
  } catch (error) {
    const code = systemCode(error) ?? "?";
    throw socketError(`its directory cannot be used (${code}); make it, or use another one`);
  }
}

/**
 * Makes it and what is missing above it, with this mode whatever the umask. Not by the `recursive` of
 * Node.js, which never ends where a directory that is there cannot hold another, as in /proc.
 */
async function make(directory: string, mode: number): Promise<void> {
  try {
    await makeOne(directory, mode);
  } catch (error) {
    const above = dirname(directory);
    if (systemCode(error) !== "ENOENT" || above === directory) throw error;
    await make(above, mode);
    await makeOne(directory, mode);
  }
}

async function makeOne(directory: string, mode: number): Promise<void> {
  try {
    await mkdir(directory, { mode });
  } catch (error) {
    if (systemCode(error) === "EEXIST") return;
    throw error;
  }
  await chmod(directory, mode);
}
