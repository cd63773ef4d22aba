/**
 * What a text is, if it may be a private key, so that it must not be repeated: the one rule for arguments of
 * every command. Recipients, public keys, names of KMS keys and paths are none.
 *
 * @returns the kind and where such a key belongs; undefined for anything else.
 */
export function privateKeyIn(text: string): string | undefined {
  if (/AGE-SECRET-KEY-|AGE-PLUGIN-/i.test(text)) {
    return "an age identity, which belongs in CLEF_AGENT_AGE_KEY or in the file of CLEF_AGENT_AGE_KEY_FILE";
  }
  if (/PRIVATE KEY|BEGIN OPENSSH/i.test(text) || isPrivateDer(text) || /"d"\s*:\s*"/.test(text)) {
    return "a private key, which belongs in CLEF_SIGNING_KEY, or in a file that --signing-key names";
  }
  return undefined;
}

/**
 * Whether a text that should be a path or a name may be a key of no known kind, such as 32 random bytes in
 * base64 or hex, so that it is better not repeated. What begins like a path is one.
 */
export function mayBeKey(text: string): boolean {
  if (/^[0-9a-f]{64,}$/i.test(text)) return true;
  return (
    /^[A-Za-z0-9+_=-][A-Za-z0-9+/_=-]{39,}$/.test(text) &&
    [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text))
  );
}

/** What a path or name that was given is called in a message: itself, if it is no key. */
export function named(given: string): string {
  return mayBeKey(given)
    ? `a text of ${given.length} characters that may be a key, and is not repeated here,`
    : given;
}

/** Beginnings of private keys in DER, as base64 shows them: PKCS#8, SEC 1 and PKCS#1 are sequences that begin with a version. */
function isPrivateDer(text: string): boolean {
  const packed = text
    .replaceAll(/\s|\\n/g, "")
    .replace(/^-+/, "")
    .replace(/^[^=]*=(?=M)/, "");
  if (!/^[A-Za-z0-9+/_-]{40,}={0,2}$/.test(packed)) return false;
  const der = Buffer.from(packed.slice(0, 24), "base64");
  if (der[0] !== 0x30) return false;
  const length = der[1] ?? 0;
  const at = length < 0x80 ? 2 : 2 + (length & 0x7f);
  // INTEGER of one byte, 0 or 1; a public key has a SEQUENCE there.
  return der[at] === 0x02 && der[at + 1] === 1 && (der[at + 2] ?? 2) <= 1;
}
