import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { checkToken, guessableToken, type TokenConfig } from "../config/token.ts";
import { AgentError, systemCode } from "../errors.ts";
import { KEY_FILE_MAX_BYTES } from "../limits.ts";
import { trimmed } from "../system/given-text.ts";
import { writeFileAtomically } from "../system/atomic-write.ts";
import { watchFile } from "../system/file-watch.ts";
import { readBounded } from "../system/read-file.ts";
import type { Log } from "../telemetry/log.ts";
import { TokenGuard } from "./token.ts";

const VARIABLE = "CLEF_AGENT_TOKEN_FILE";

/**
 * The guard for the configured token. A token file that does not exist is written with a new token
 * and mode 0600; one that changes is followed, and a change that cannot be used is only warned of.
 * One that vanishes is written again if its token is of this agent's making.
 *
 * @throws AgentError `config_invalid` naming the variable.
 */
export async function openToken(
  config: TokenConfig,
  log: Log,
  signal: AbortSignal,
): Promise<TokenGuard> {
  switch (config.kind) {
    case "fixed":
      return guardFor(config.token, log);
    case "generated":
      return guardFor(newToken(), log);
    case "file":
      return followFile(config.path, log, signal);
  }
}

function guardFor(token: string, log: Log): TokenGuard {
  log.hide(token);
  return new TokenGuard(token);
}

async function followFile(path: string, log: Log, signal: AbortSignal): Promise<TokenGuard> {
  const found = await readToken(path);
  /** The token that this agent has written; undefined if the one in use is somebody else's. */
  let ours = found === undefined ? await writeToken(path) : undefined;
  let inUse = found ?? ours ?? "";
  const guard = guardFor(inUse, log);
  if (found !== undefined) warnIfGuessable(found, log);
  const reload = async (): Promise<void> => {
    try {
      const token = await readToken(path);
      if (token === undefined) {
        await restore(path, ours, log);
        return;
      }
      if (token === inUse) return;
      inUse = token;
      ours = undefined;
      log.hide(token, VARIABLE);
      guard.replace(token);
      log.info("bearer token read again from CLEF_AGENT_TOKEN_FILE");
      warnIfGuessable(token, log);
    } catch (error) {
      log.warn(`the token in use stays: ${error instanceof Error ? error.message : "unreadable"}`);
    }
  };
  await watchFile(path, () => void reload(), signal);
  // What was put there between the first look and the watch is no change that the watch would see.
  await reload();
  return guard;
}

function warnIfGuessable(token: string, log: Log): void {
  const guessable = guessableToken(VARIABLE, token);
  if (guessable !== undefined) log.warn(guessable);
}

/** Writes our token again where its file has gone; somebody else's is not ours to write. */
async function restore(path: string, ours: string | undefined, log: Log): Promise<void> {
  if (ours === undefined) {
    log.warn(`${VARIABLE}: the file has gone; the token in use stays until the file is back`);
    return;
  }
  try {
    // Never over what has been put there meanwhile.
    await writeFile(path, `${ours}\n`, { flag: "wx", mode: 0o600 });
    log.warn(`${VARIABLE}: the file had gone; the token in use was written there again`);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return;
    throw unusable(`the file has gone and cannot be written again (${code ?? "?"})`);
  }
}

/** @returns undefined if the file does not exist. */
async function readToken(path: string): Promise<string | undefined> {
  let read;
  try {
    read = await readBounded(path, KEY_FILE_MAX_BYTES);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw unusable(`the file cannot be read (${systemCode(error) ?? "?"})`);
  }
  if (read.kind !== "bytes") throw unusable("it is not a small file");
  const token = trimmed(read.bytes.toString("utf8"));
  if (token === "") throw unusable("the file is empty; remove it or write a token");
  try {
    return checkToken(token);
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : "it cannot be used");
  }
}

async function writeToken(path: string): Promise<string> {
  const token = newToken();
  try {
    await writeFileAtomically(path, `${token}\n`, 0o600);
  } catch (error) {
    throw unusable(
      `the file cannot be written (${systemCode(error) ?? "?"}); is its directory there, and may this user write to it?`,
    );
  }
  return token;
}

/** 256 bits, in the alphabet of bearer tokens. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

function unusable(problem: string): AgentError {
  return new AgentError("config_invalid", `${VARIABLE}: ${problem}`);
}
