import { listen, type Listener, type ListenOptions } from "./listen.ts";

/**
 * Opens all of these listeners, or none.
 *
 * @throws AgentError `listen_failed`; those that were open before are closed then.
 */
export async function openListeners(
  wanted: readonly ListenOptions[],
): Promise<readonly Listener[]> {
  const opened: Listener[] = [];
  try {
    // oxlint-disable-next-line no-await-in-loop -- the first one that fails is reported
    for (const options of wanted) opened.push(await listen(options));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close(0)));
    throw error;
  }
}
