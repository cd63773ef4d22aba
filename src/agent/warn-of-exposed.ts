import type { GuardedPath } from "../config/config.ts";
import { exposedPath } from "../system/exposed-path.ts";
import type { Log } from "../telemetry/log.ts";

/** Warns of keys, tokens and caches that another user may change; the path itself is not repeated. */
export async function warnOfExposed(paths: readonly GuardedPath[], log: Log): Promise<void> {
  const found = await Promise.all(
    paths.map(async ({ variable, path }) => {
      // What cannot be looked at is told of by who opens it.
      const how = await exposedPath(path).catch(() => undefined);
      return how === undefined ? [] : [`${variable}: what it names ${how}`];
    }),
  );
  for (const problem of found.flat()) {
    log.warn(`${problem}; give it, and its directory, to the agent's user or root alone`);
  }
}
