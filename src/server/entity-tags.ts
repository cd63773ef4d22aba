import { createHmac, randomBytes } from "node:crypto";
import type { Entry } from "../store/payload-index.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { Feed } from "../feed/feed.ts";
import type { SecretsRoute } from "./route.ts";

interface TagOfPayload {
  readonly payloadTag: string;
  readonly tag: string;
}

/**
 * The entity tags of what is served, as HMACs under a key of this process, so that they tell nothing to
 * who compares them (contract, section 3). In cached mode the tag of one secret changes only with its value
 * and that of the names only with them; in just-in-time mode every tag changes with the payload, and is
 * known without decrypting it.
 */
export class EntityTags {
  readonly #key = randomBytes(32);
  readonly #mode: Feed["mode"];
  /** The tags of all secrets of the payload that was asked for last. */
  readonly #last: { nested?: TagOfPayload; flat?: TagOfPayload } = {};
  /** The tags of each snapshot, which cost more than the answer; they go when it goes. */
  readonly #made = new WeakMap<Snapshot, Map<Entry | "keys", string>>();

  constructor(mode: Feed["mode"]) {
    this.#mode = mode;
  }

  /** The tag of what a route gives of any payload with this tag, where that alone decides it. */
  ofPayload(route: SecretsRoute, payloadTag: string): string | undefined {
    if (route.kind === "secrets") return this.#ofAll(route.flat, payloadTag);
    return this.#mode === "jit" ? this.#tag(routeText(route), payloadTag) : undefined;
  }

  ofSecrets(flat: boolean, snapshot: Snapshot): string {
    return this.#ofAll(flat, snapshot.tag);
  }

  ofKeys(route: SecretsRoute, snapshot: Snapshot): string {
    return (
      this.ofPayload(route, snapshot.tag) ??
      this.#once(snapshot, "keys", () => this.#tag("keys", snapshot.keysJson))
    );
  }

  ofSecret(route: SecretsRoute, snapshot: Snapshot, entry: Entry): string {
    return (
      this.ofPayload(route, snapshot.tag) ??
      this.#once(snapshot, entry, () => {
        const digest = createHmac("sha256", this.#key).update(`secret ${entry.name}\n`);
        snapshot.digestValue(entry, digest);
        return quoted(digest.digest("base64url"));
      })
    );
  }

  /** Asked for most, in just-in-time mode by each reader anew. */
  #ofAll(flat: boolean, payloadTag: string): string {
    const form = flat ? "flat" : "nested";
    const last = this.#last[form];
    if (last?.payloadTag === payloadTag) return last.tag;
    const tag = this.#tag(form, payloadTag);
    this.#last[form] = { payloadTag, tag };
    return tag;
  }

  #once(snapshot: Snapshot, what: Entry | "keys", make: () => string): string {
    let made = this.#made.get(snapshot);
    if (made === undefined) {
      made = new Map();
      this.#made.set(snapshot, made);
    }
    let tag = made.get(what);
    if (tag === undefined) {
      tag = make();
      made.set(what, tag);
    }
    return tag;
  }

  #tag(kind: string, what: string | Buffer): string {
    return quoted(
      createHmac("sha256", this.#key).update(`${kind}\n`).update(what).digest("base64url"),
    );
  }
}

/** The same text for the same route, and for no other. */
function routeText(route: SecretsRoute): string {
  switch (route.kind) {
    case "secrets":
      return route.flat ? "flat" : "nested";
    case "keys":
      return "keys";
    case "secret":
      return `secret ${route.name}`;
    case "namespaced":
      return JSON.stringify([route.namespace, route.key]);
  }
}

/** 128 bits are enough to tell versions apart. */
function quoted(digest: string): string {
  return `"${digest.slice(0, 22)}"`;
}

/** Weak comparison of a list of entity tags (RFC 9110, section 13.1.2). */
export function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === etag || tag === "*");
}
