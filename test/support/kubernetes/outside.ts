import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Lifetime } from "../temporary.ts";
import { GATEWAY } from "./containerd.ts";

/** What somebody in a pod said. */
export interface Saying {
  readonly who: string;
  readonly what: string;
  /** `performance.now()` when it came. */
  readonly at: number;
}

/**
 * What is outside of the pods, which reach it over the node's bridge: it has the artifacts, at
 * `/artifacts/ENVIRONMENT`, and takes down what the pods say, at `/say/WHO`.
 */
export class Outside {
  readonly said: Saying[] = [];
  /** When each artifact was last fetched as it is now, by environment. */
  readonly fetchedAt = new Map<string, number>();
  /** How an artifact is asked for, if not as it is there: true answered it already. */
  refuses: (environment: string, response: ServerResponse) => boolean = () => false;
  readonly #artifacts = new Map<string, string>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(context: Lifetime): Promise<Outside> {
    const outside = new Outside();
    const server = outside.#server;
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    context.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return outside;
  }

  /** For a pod. */
  get url(): string {
    return `http://${GATEWAY}:${(this.#server.address() as AddressInfo).port}`;
  }

  put(environment: string, artifact: string): void {
    this.#artifacts.set(environment, artifact);
    this.fetchedAt.delete(environment);
  }

  /** What somebody said, in order. */
  by(who: string): readonly string[] {
    return this.said.filter((one) => one.who === who).map(({ what }) => what);
  }

  /** The first time that somebody said something. */
  first(who: string, what: string): Saying | undefined {
    return this.said.find((one) => one.who === who && one.what === what);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind, name = ""] = (request.url ?? "").split("/");
    if (kind === "say") {
      this.said.push({ who: name, what: await text(request), at: performance.now() });
      response.end();
      return;
    }
    const artifact = this.#artifacts.get(name);
    if (kind !== "artifacts" || artifact === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (this.refuses(name, response)) return;
    if (!this.fetchedAt.has(name)) this.fetchedAt.set(name, performance.now());
    response.end(artifact);
  }
}
