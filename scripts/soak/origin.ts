import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ArtifactMaker } from "./artifact.ts";
import type { Observer } from "./observer.ts";

/** How the origin behaves. */
export type Mood =
  | "good"
  | "refuses connections"
  | "answers 500"
  | "hangs"
  | "breaks off"
  | "is rolled back"
  | "holds one without a signature"
  | "holds one of a stranger"
  | "holds a revocation marker";

/** Number of keys in each set; every value ends with the number of its set. */
const KEYS = 20;

function secretsOf(set: string): Record<string, unknown> {
  const keys = Array.from({ length: KEYS }, (_, index) => [
    `KEY_${index}`,
    `value ${index} of ${set}`,
  ]);
  const flat = Object.fromEntries(keys) as Record<string, string>;
  return { ...flat, app: { SET: `set of ${set}` } };
}

/** An origin whose artifact changes, and which fails as it is told to. */
export class SoakOrigin {
  mood: Mood = "good";
  readonly #maker: ArtifactMaker;
  readonly #observer: Observer;
  readonly #server: Server;
  readonly #sets: { readonly set: number; readonly text: string }[] = [];
  #bad = "";

  constructor(maker: ArtifactMaker, observer: Observer) {
    this.#maker = maker;
    this.#observer = observer;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @returns its URL. */
  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/artifact`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Packs the next set; the one before it is history. */
  async rotate(set: number): Promise<void> {
    this.#sets.push({ set, text: await this.#maker.make(secretsOf(String(set)), Date.now()) });
    if (this.#sets.length > 10) this.#sets.shift();
  }

  async turn(mood: Mood): Promise<void> {
    const by = mood === "holds one of a stranger" ? "a stranger" : "nobody";
    this.#bad = await this.#maker.make(secretsOf("nobody's"), Date.now(), by);
    this.mood = mood;
    if (mood === "refuses connections") this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => undefined);
    switch (this.mood) {
      case "good":
        this.#send(this.#sets.at(-1), request, response);
        return;
      case "is rolled back":
        this.#send(this.#sets[0], request, response);
        return;
      case "refuses connections":
        response.destroy();
        return;
      case "answers 500":
        response.writeHead(500).end();
        break;
      case "hangs":
        break;
      case "breaks off":
        response.writeHead(200, { "content-length": 5_000 }).write("{");
        setTimeout(() => response.destroy(), 20);
        return;
      case "holds one without a signature":
      case "holds one of a stranger":
        response.end(this.#bad);
        return;
      case "holds a revocation marker":
        response.end(this.#maker.marker(), () => this.#observer.markerSent());
    }
  }

  #send(
    held: { readonly set: number; readonly text: string } | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (held === undefined) {
      response.writeHead(404).end();
      return;
    }
    const etag = `"${held.set}"`;
    // Before it is sent: what is seen as early as that cannot be too old.
    this.#observer.vouched(held.set);
    if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag }).end(held.text);
  }
}
