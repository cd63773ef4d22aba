import { isUtf8 } from "node:buffer";
import { decodeBase64 } from "../../artifact/fields.ts";
import { invalid } from "./invalid.ts";
import { readYaml } from "./yaml.ts";

/** Whether what was read is a manifest of a Secret, as `kubectl get secret -o yaml` prints it, and no secrets. */
export function isKubernetesSecret(value: unknown): boolean {
  return value instanceof Map && value.get("kind") === "Secret" && value.get("apiVersion") === "v1";
}

/**
 * Reads a manifest of a Kubernetes Secret, YAML or JSON: `data` is base64, and `stringData` is plain and wins,
 * as the API server has it (Kubernetes API, "Secret v1").
 *
 * @throws AgentError `input_invalid`, also for a value that is no text.
 */
export async function readKubernetesSecret(text: string): Promise<ReadonlyMap<string, string>> {
  const manifest = await readYaml(text);
  if (!(manifest instanceof Map) || !isKubernetesSecret(manifest)) {
    throw invalid("it is not a Kubernetes Secret (apiVersion: v1, kind: Secret)");
  }
  const values = new Map<string, string>();
  for (const [name, value] of members(manifest, "data")) values.set(name, decoded(name, value));
  for (const [name, value] of members(manifest, "stringData")) values.set(name, value);
  return values;
}

function members(
  manifest: ReadonlyMap<unknown, unknown>,
  field: "data" | "stringData",
): readonly (readonly [string, string])[] {
  const map = manifest.get(field);
  // `data: null` and `data:` are how an empty one is written.
  if (map === undefined || map === "" || map === "null") return [];
  if (!(map instanceof Map)) throw invalid(`its ${field} is no map of names to values`);
  return [...map].map(([name, value]) => {
    if (typeof name === "string" && typeof value === "string") return [name, value];
    throw invalid(`its ${field} holds something else than names and texts`);
  });
}

function decoded(name: string, value: string): string {
  // A folded value has newlines in it, which the API server passes over too.
  const bytes = decodeBase64(value.replaceAll(/[\r\n]/g, ""));
  if (bytes === undefined) {
    throw invalid(`data.${name} is not base64; plain values belong in stringData`);
  }
  if (!isUtf8(bytes)) {
    throw invalid(
      `data.${name} is not UTF-8 text once it is decoded, and secrets are texts; encode it, as in base64, or leave it out`,
    );
  }
  return bytes.toString("utf8");
}
