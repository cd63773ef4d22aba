/** What `promise` gives, or undefined once the time is over or `signal` is aborted; it goes on then. */
export async function settledWithin<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Value | undefined> {
  const over = Promise.withResolvers<undefined>();
  const stop = (): void => over.resolve(undefined);
  const timer = setTimeout(stop, deadlineMs);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
