import type { Entry } from "../store/payload-index.ts";
import type { Reader, SecretLease, Snapshot } from "../store/snapshot.ts";
import { type EntityTags, matches } from "./entity-tags.ts";
import { HeaderLists } from "./header-lists.ts";
import type { Request } from "./request.ts";
import {
  bytesResponse,
  errorResponse,
  jsonResponse,
  notModified,
  type Response,
} from "./response.ts";
import type { SecretsRoute } from "./route.ts";

/** What a route gives of these secrets, or 304 where the client has it already. */
export function answer(
  secrets: Snapshot,
  route: SecretsRoute,
  { ifNoneMatch }: Request,
  tags: EntityTags,
): Response {
  const found = find(secrets, route);
  if (found.kind === "missing" || found.kind === "several") return notOne(secrets, found);
  const etag = tagOf(secrets, route, found, tags);
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return notModified(etag, secrets);
  switch (found.kind) {
    case "all":
      return lent(found.flat ? secrets.flat : secrets.nested, secrets, etag);
    case "keys":
      return lent(secrets.keysJson, secrets, etag);
    case "secret":
      return answerOne(secrets, found.entry, etag);
  }
}

/** The tag of what a route gives of these secrets; undefined where it gives none. */
export function etagOf(
  secrets: Snapshot,
  route: SecretsRoute,
  tags: EntityTags,
): string | undefined {
  const found = find(secrets, route);
  if (found.kind === "missing" || found.kind === "several") return undefined;
  return tagOf(secrets, route, found, tags);
}

type NotOne =
  | { readonly kind: "missing"; readonly name: string }
  | { readonly kind: "several"; readonly name: string; readonly entries: readonly Entry[] };

type Given =
  | { readonly kind: "all"; readonly flat: boolean }
  | { readonly kind: "keys" }
  | { readonly kind: "secret"; readonly entry: Entry };

function find(secrets: Snapshot, route: SecretsRoute): Given | NotOne {
  switch (route.kind) {
    case "secrets":
      return { kind: "all", flat: route.flat };
    case "keys":
      return { kind: "keys" };
    case "secret":
      return oneOf(secrets.index.find(route.name), route.name);
    case "namespaced": {
      const entry = secrets.index.findIn(route.namespace, route.key);
      return oneOf(entry === undefined ? [] : [entry], `${route.namespace}/${route.key}`);
    }
  }
}

function oneOf(entries: readonly Entry[], name: string): Given | NotOne {
  const [entry, other] = entries;
  if (entry === undefined) return { kind: "missing", name };
  return other === undefined ? { kind: "secret", entry } : { kind: "several", name, entries };
}

function tagOf(secrets: Snapshot, route: SecretsRoute, given: Given, tags: EntityTags): string {
  switch (given.kind) {
    case "all":
      return tags.ofSecrets(given.flat, secrets);
    case "keys":
      return tags.ofKeys(route, secrets);
    case "secret":
      return tags.ofSecret(route, secrets, given.entry);
  }
}

function notOne(snapshot: Snapshot, found: NotOne): Response {
  const { name } = found;
  if (found.kind === "missing") {
    return { ...errorResponse(404, `Secret '${name}' not found`), lease: snapshot };
  }
  const candidates = found.entries.map((candidate) => candidate.name);
  const error = `Secret '${name}' is in several namespaces; use one of ${candidates.join(", ")}`;
  return { ...jsonResponse(409, { error, candidates }), lease: snapshot };
}

function answerOne(secrets: Snapshot, entry: Entry, etag: string): Response {
  const json = secrets.valueJson(entry);
  const headers = LISTS.of(secrets.tag, etag, json);
  return bytesResponse(json, new CopyLease(secrets, json), headers);
}

function lent(body: Buffer, secrets: Snapshot, etag: string): Response {
  return bytesResponse(body, secrets, LISTS.of(secrets.tag, etag, body));
}

const LISTS = new HeaderLists();

/** A copy of some of the secrets, wiped once it was sent. Its time is over when that of the snapshot is. */
class CopyLease implements SecretLease {
  readonly #snapshot: Snapshot;
  readonly #copy: Buffer;

  constructor(snapshot: Snapshot, copy: Buffer) {
    this.#snapshot = snapshot;
    this.#copy = copy;
  }

  get isWiped(): boolean {
    return this.#snapshot.isWiped;
  }

  hold(reader: Reader): void {
    this.#snapshot.hold(reader);
  }

  release(reader: Reader): void {
    this.#copy.fill(0);
    this.#snapshot.release(reader);
  }
}
