import { listen, type Listener, type ListenOptions } from "./listen.ts";

/**
 * Opens several listeners, or none.
 *
 * @throws AgentError `listen_failed`; those that were open before are closed then.
 */
export async function openListeners(
  first: ListenOptions,
  others: readonly ListenOptions[],
): Promise<readonly [Listener, ...Listener[]]> {
  const opened: [Listener, ...Listener[]] = [await listen(first)];
  try {
    // oxlint-disable-next-line no-await-in-loop -- the first one that fails is reported
    for (const options of others) opened.push(await listen(options));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close(0)));
    throw error;
  }
}
