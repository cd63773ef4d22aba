import type { VcsCredential } from "./vcs-credential.ts";

/** Texts that must not be seen in a log, in whatever form the credential travels. */
export function secretTexts(credential: VcsCredential): readonly string[] {
  if (credential.kind !== "basic") return [credential.token];
  return [credential.token, basicPair(credential.user, credential.token)];
}

/** `user:token` as basic authentication sends it. */
export function basicPair(user: string, token: string): string {
  return Buffer.from(`${user}:${token}`).toString("base64");
}
