import type { Feed } from "../feed/feed.ts";
import { NO_READER, Snapshot } from "../store/snapshot.ts";
import type { EntityTags } from "./entity-tags.ts";
import type { SecretsRoute } from "./route.ts";
import { etagOf } from "./secrets-answer.ts";

/**
 * The tag of what a route gives now. Nothing is fetched or decrypted to know it.
 *
 * @returns undefined where it gives nothing.
 */
export function currentTag(feed: Feed, tags: EntityTags, route: SecretsRoute): string | undefined {
  const payloadTag = feed.payloadTag();
  if (payloadTag === undefined) return undefined;
  const known = tags.ofPayload(route, payloadTag);
  if (known !== undefined) return known;
  // Only in cached mode, where it is open already.
  const opened = feed.open();
  if (!(opened instanceof Snapshot)) return undefined;
  try {
    return etagOf(opened, route, tags);
  } finally {
    opened.release(NO_READER);
  }
}
