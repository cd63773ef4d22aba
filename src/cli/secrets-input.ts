import { extname } from "node:path";
import { isUtf8 } from "node:buffer";
import { AgentError } from "../errors.ts";
import { notUtf8, trimmed } from "../system/given-text.ts";
import { readDotenv } from "./input/dotenv.ts";
import { invalid } from "./input/invalid.ts";
import { isKubernetesSecret, readKubernetesSecret } from "./input/kubernetes-secret.ts";
import { readSopsDotenv } from "./input/sops-dotenv.ts";
import { readYaml } from "./input/yaml.ts";
import { indexPayload, type PayloadIndex } from "../store/payload-index.ts";

export const INPUT_FORMATS = [
  "json",
  "yaml",
  "dotenv",
  "sops-dotenv",
  "kubernetes-secret",
] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

export interface Payload {
  readonly bytes: Buffer;
  readonly index: PayloadIndex;
}

/**
 * Reads secrets in any of the formats and makes the payload of an artifact of them. No message holds
 * a value, nor a line of the input.
 *
 * @param path - tells the format by its ending where none is given; `-` tells nothing.
 * @param namespace - puts flat secrets into this namespace.
 * @throws AgentError `input_invalid`.
 */
export async function readSecrets(
  input: Buffer,
  path: string,
  format: InputFormat | undefined,
  namespace: string | undefined,
): Promise<Payload> {
  if (!isUtf8(input)) throw invalid(notUtf8(input));
  const text = input.toString("utf8").replace(/^\uFEFF/, "");
  const actual = format ?? formatOf(path, text);
  if (!actual.endsWith("dotenv") && trimmed(text) === "") {
    throw invalid("it is empty, perhaps because what made it failed");
  }
  const bytes = Buffer.from(await toJson(text, actual));
  const index = checkPayload(bytes);
  if (namespace === undefined) return { bytes, index };
  if (index.entries.some((entry) => entry.namespace !== undefined)) {
    throw invalid("it has namespaces already, and --namespace is for flat input; leave it out");
  }
  const nested = Buffer.concat([
    Buffer.from(`{${JSON.stringify(namespace)}:`),
    bytes,
    Buffer.from("}"),
  ]);
  bytes.fill(0);
  return { bytes: nested, index: checkPayload(nested) };
}

function formatOf(path: string, text: string): InputFormat {
  const ending = extname(path).toLowerCase();
  if (ending === ".json") return "json";
  if (ending === ".yaml" || ending === ".yml") return "yaml";
  if (ending === ".env" || /(?:^|[/\\])\.env(?:\.[^/\\]*)?$/.test(path)) return "dotenv";
  if (/^\s*\{/.test(text)) return "json";
  // The first line that says anything decides; a value may go over several lines.
  const first = text.split(/\r?\n/).find((line) => !/^\s*(?:#.*)?$/.test(line));
  return first !== undefined && DOTENV_LINE.test(first) ? "dotenv" : "yaml";
}

const DOTENV_LINE = /^\s*(?:export\s+)?[A-Za-z_][\w.]*\s*=/;

async function toJson(text: string, format: InputFormat): Promise<string> {
  switch (format) {
    case "json":
      refuseManifest(jsonMap(text));
      return trimmed(text);
    case "dotenv":
      return toJsonText(readDotenv(text));
    case "sops-dotenv":
      return toJsonText(readSopsDotenv(text));
    case "kubernetes-secret":
      return toJsonText(await readKubernetesSecret(text));
    case "yaml": {
      const value = await readYaml(text);
      refuseManifest(value);
      return toJsonText(value);
    }
  }
}

/** The values of a manifest are base64, and a packer must not guess which of the two is meant. */
function refuseManifest(value: unknown): void {
  if (!isKubernetesSecret(value)) return;
  throw invalid(
    "it is a Kubernetes Secret manifest, whose values are base64; give --format kubernetes-secret, and what is in it is packed",
  );
}

/** The members of a JSON object that may be a manifest; whatever else it is, others have to say. */
function jsonMap(text: string): unknown {
  if (!text.includes('"Secret"')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON in the order of the maps, where an object would reorder keys that look like numbers. */
function toJsonText(value: unknown): string {
  if (!(value instanceof Map)) return JSON.stringify(value);
  const members = [...value].map(([key, member]) => {
    if (typeof key !== "string") throw invalid("a key is not a plain text");
    return `${JSON.stringify(key)}:${toJsonText(member)}`;
  });
  return `{${members.join(",")}}`;
}

const STILL_ENCRYPTED = Buffer.from('"ENC[AES256_GCM,');

function checkPayload(bytes: Buffer): PayloadIndex {
  if (bytes.includes(STILL_ENCRYPTED)) {
    throw invalid(
      "it is still encrypted by sops; decrypt it first: sops -d FILE | clef-agent pack …",
    );
  }
  let index;
  try {
    index = indexPayload(bytes);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    throw invalid(
      error.message
        .replace("its payload", "it")
        .replace(/; pack it again$/, "; secrets are strings, at most one level of namespaces deep"),
    );
  }
  if (index.entries.some((entry) => entry.key === "")) throw invalid("a key is empty");
  return index;
}
