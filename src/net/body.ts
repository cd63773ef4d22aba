/**
 * Reads the body of an answer to its end.
 *
 * @returns undefined if it is larger than `maxBytes`; the connection is closed then.
 * @throws what the connection throws when it breaks.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  // The answer to a HEAD declares a body that does not come.
  if (response.body === null) return Buffer.alloc(0);
  if (declared > maxBytes) {
    await response.body.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels the stream, which closes the connection.
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
