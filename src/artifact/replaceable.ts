import { isJsonObject, own } from "./fields.ts";

const MARKER = new Set(["version", "identity", "environment", "revision", "revokedAt"]);

/**
 * Whether a file may be replaced by an artifact without a question: it is empty, an artifact or a marker,
 * also one of another version or one that was cut short or damaged. A file of secrets is none of these, even
 * if one of them is called `revokedAt`.
 */
export function isReplaceable(bytes: Buffer): boolean {
  const text = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trim();
  if (text === "") return true;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return isDamaged(text);
  }
  if (!isJsonObject(value)) return false;
  const names = ["identity", "environment"].map((name) => own(value, name));
  const isFor = names.every((name) => typeof name === "string");
  const holds = ["ciphertext", "revokedAt"].some((name) => own(value, name) !== undefined);
  if (typeof own(value, "version") === "number" && isFor && holds) return true;
  return (
    own(value, "revokedAt") !== undefined && Object.keys(value).every((name) => MARKER.has(name))
  );
}

function isDamaged(text: string): boolean {
  const names = ["version", "identity", "environment", "ciphertextHash"];
  return text.startsWith("{") && names.every((name) => text.includes(`"${name}"`));
}
