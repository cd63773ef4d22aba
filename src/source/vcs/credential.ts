import { isDeepStrictEqual } from "node:util";
import type { VcsConfig } from "../../config/vcs.ts";
import { parseVcsCredential, type VcsCredential } from "../../config/vcs-credential.ts";
import { basicPair, secretTexts } from "../../config/vcs-secrets.ts";
import { systemCode } from "../../errors.ts";
import { KEY_FILE_MAX_BYTES } from "../../limits.ts";
import { trimmed } from "../../system/given-text.ts";
import { readBounded } from "../../system/read-file.ts";
import type { Log } from "../../telemetry/log.ts";

/**
 * The credential to use now. A token file is read again every time, since tokens such as those of
 * GitHub App installations live for an hour; one that cannot be used leaves the last good token in
 * place, with a warning.
 */
export function followCredential(config: VcsConfig, log: Log): () => Promise<VcsCredential> {
  const { credential, tokenFile, provider } = config;
  if (tokenFile === undefined) return () => Promise.resolve(credential);
  let current = credential;
  let warned: string | undefined;
  return async () => {
    try {
      const read = parseVcsCredential(provider, await readToken(tokenFile));
      warned = undefined;
      if (!isDeepStrictEqual(read, current)) {
        for (const text of secretTexts(read)) log.hide(text, "CLEF_AGENT_VCS_TOKEN_FILE");
        log.info("token read again from CLEF_AGENT_VCS_TOKEN_FILE");
        current = read;
      }
    } catch (error) {
      const problem = error instanceof Error ? error.message : "it cannot be read";
      const warning = `the token in use stays: CLEF_AGENT_VCS_TOKEN_FILE: ${problem}`;
      if (warning !== warned) log.warn(warning);
      warned = warning;
    }
    return current;
  };
}

/** @throws Error fit for an operator. */
async function readToken(path: string): Promise<string> {
  let read;
  try {
    read = await readBounded(path, KEY_FILE_MAX_BYTES);
  } catch (error) {
    const code = systemCode(error) ?? "unknown error";
    throw new Error(`the file cannot be read (${code})`, { cause: error });
  }
  if (read.kind !== "bytes") throw new Error("it is not a small file");
  const text = trimmed(read.bytes.toString("utf8"));
  if (text === "") throw new Error("the file is empty");
  return text;
}

/** The request header that carries a credential. */
export function credentialHeaders(credential: VcsCredential): Readonly<Record<string, string>> {
  switch (credential.kind) {
    case "bearer":
      return { authorization: `Bearer ${credential.token}` };
    case "private_token":
      return { "private-token": credential.token };
    case "job_token":
      return { "job-token": credential.token };
    case "basic":
      return { authorization: `Basic ${basicPair(credential.user, credential.token)}` };
  }
}
