import { parse } from "yaml";
import { textOf } from "./docs-markdown.ts";

export interface Documented {
  readonly summary?: string;
  readonly description?: string;
  readonly headers?: Readonly<
    Record<string, { readonly required?: boolean; readonly schema: object }>
  >;
  readonly content?: Readonly<
    Record<
      string,
      {
        readonly schema: object;
        readonly example?: unknown;
        readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
      }
    >
  >;
}

export interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, Documented>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<"get" | "post", Operation | undefined>>>>;
}

export const OPENAPI_FILE = "docs/openapi.yaml";

/** The description of the API, with everything that it refers to in its place. */
export function readOpenApi(): OpenApi {
  const document = parse(textOf(OPENAPI_FILE)) as unknown;
  return resolved(document, document) as OpenApi;
}

export interface DocumentedResponse {
  readonly path: string;
  readonly method: "get" | "post";
  readonly operation: Operation;
  readonly status: string;
  readonly response: Documented;
}

/** Every answer that is described. */
export function responsesOf(api: OpenApi): readonly DocumentedResponse[] {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    (["get", "post"] as const).flatMap((method) => {
      const operation = methods[method];
      return Object.entries(operation?.responses ?? {}).flatMap(([status, response]) =>
        operation === undefined ? [] : [{ path, method, operation, status, response }],
      );
    }),
  );
}

/** Follows local references; nothing here refers to itself. */
function resolved(value: unknown, root: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, root));
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value) {
    const steps = String(value.$ref).replace("#/", "").split("/");
    let target = root;
    for (const step of steps) target = (target as Record<string, unknown>)[step];
    if (target === undefined) throw new Error(`nothing at ${String(value.$ref)}`);
    return resolved(target, root);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, resolved(inner, root)]),
  );
}
