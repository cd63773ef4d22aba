/** What telemetry costs when its collector is at its worst: it takes every request and never answers. */
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { firstAnswer } from "./answer.ts";
import { compare, type Comparison, type Pair } from "./stats.ts";
import { type Starters, TOKEN, TWENTY } from "./workspace.ts";

/** By then events were sent and hang. */
const HANGS_AFTER_MS = 2_000;

export class HangingCollector {
  readonly #server: HttpServer;

  private constructor(server: HttpServer) {
    this.#server = server;
  }

  static async start(): Promise<HangingCollector> {
    const server = createServer((request) => void request.resume());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HangingCollector(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/logs`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** From SIGTERM to the exit, of a server that has been serving for a while. */
export async function measureStop(start: Starters, times: number): Promise<Comparison> {
  const pairs: Pair[] = [];
  for (let index = 0; index < times; index++) {
    await using agent = await start.agent();
    await using bare = await start.bare();
    for (const server of [agent, bare]) await firstAnswer(server, TWENTY.path, TOKEN);
    await sleep(HANGS_AFTER_MS);
    pairs.push({ agent: await agent.stop(), bare: await bare.stop() });
  }
  return compare(pairs);
}
