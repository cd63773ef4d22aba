import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

/**
 * Reads the body of an answer to its end, decoded where it was sent compressed: objects in a bucket can be
 * stored so, and are sent so whatever was asked for.
 *
 * @returns undefined if it is larger than `maxBytes`; the connection is closed then.
 * @throws what the connection throws when it breaks.
 */
export async function readBody(
  response: IncomingMessage,
  { method, maxBytes }: { readonly method: string; readonly maxBytes: number },
): Promise<Buffer | undefined> {
  // The answer to a HEAD declares a body that does not come.
  const isBodiless = method === "HEAD" || response.statusCode === 304;
  if (!isBodiless && Number(response.headers["content-length"] ?? 0) > maxBytes) {
    response.destroy();
    return undefined;
  }
  const encoding = response.headers["content-encoding"]?.toLowerCase();
  const decode = encoding === undefined || isBodiless ? undefined : await decoderFor(encoding);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const body: AsyncIterable<Uint8Array> = decode === undefined ? response : decode(response);
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  } finally {
    if (!response.complete) response.destroy();
  }
}

/** Undefined for an encoding that nobody here knows: the bytes are then what they are. */
async function decoderFor(encoding: string): Promise<((body: Readable) => Readable) | undefined> {
  if (!/^(?:x-gzip|gzip|deflate|br)$/.test(encoding)) return undefined;
  const { createBrotliDecompress, createUnzip } = await import("node:zlib");
  return (body) => {
    const decoder = encoding === "br" ? createBrotliDecompress() : createUnzip();
    body.on("error", (error) => decoder.destroy(error));
    return body.pipe(decoder);
  };
}
