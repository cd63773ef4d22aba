import { jsonHeaders } from "./response.ts";

interface Made {
  readonly length: number;
  readonly headers: string[];
}

/**
 * The headers of the answers that give something of the payload that was asked for last, one list for each tag. An
 * answer that comes again has the list of the last time, by which its head is found again. Nothing of a secret is in it
 * but the length of its answer.
 */
export class HeaderLists {
  #payloadTag = "";
  #byTag = new Map<string, Made>();

  of(payloadTag: string, etag: string, body: Buffer): string[] {
    if (payloadTag !== this.#payloadTag) {
      this.#payloadTag = payloadTag;
      this.#byTag = new Map();
    }
    const last = this.#byTag.get(etag);
    if (last?.length === body.length) return last.headers;
    const headers = jsonHeaders(body, "ETag", etag);
    this.#byTag.set(etag, { length: body.length, headers });
    return headers;
  }
}
