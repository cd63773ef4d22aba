import type { Listener } from "./http-server.ts";

/**
 * Opens all of these listeners, one after the other, or none.
 *
 * @throws what one of them throws; those that were open before are closed then.
 */
export async function openListeners<Opened extends Listener>(
  wanted: readonly (() => Promise<Opened>)[],
): Promise<readonly Opened[]> {
  const opened: Opened[] = [];
  try {
    // oxlint-disable-next-line no-await-in-loop -- the first one that fails is reported
    for (const open of wanted) opened.push(await open());
    return opened;
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close(0)));
    throw error;
  }
}
