import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { SoakAgent } from "./agent.ts";
import { KeptConnection } from "./kept-connection.ts";
import type { Observer } from "./observer.ts";

const PATHS = [
  "/v1/secrets",
  "/v1/secrets?format=flat",
  "/v1/secrets/KEY_7",
  "/v1/secrets/app/SET",
  "/v1/keys",
];
/** One in so many latencies of the connections that ask without a pause is kept. */
const SAMPLED = 64;
/** While the agent is not there. */
const RETRY_MS = 50;

interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: string;
}

/** Clients that read as fast as they are answered, and clients that wait for changes. */
export class Readers {
  /** Latencies of reads since somebody took them, in milliseconds. */
  latencies: number[] = [];
  requests = 0;
  refused = 0;
  readonly #agent: SoakAgent;
  readonly #observer: Observer;
  readonly #connections = new Agent({ keepAlive: true, maxSockets: 64 });
  #stopped = false;

  constructor(agent: SoakAgent, observer: Observer) {
    this.#agent = agent;
    this.#observer = observer;
  }

  start(reading: number, asking: number, waiting: number): void {
    for (let index = 0; index < reading; index++) void this.#read(index);
    for (let index = 0; index < asking; index++) void this.#askOn(index);
    for (let index = 0; index < waiting; index++) void this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    this.#connections.destroy();
  }

  async #read(index: number): Promise<void> {
    for (let turn = index; !this.#stopped; turn++) {
      const startedMs = performance.now();
      const answer = await this.#ask(PATHS[turn % PATHS.length] ?? "/v1/secrets", {});
      if (answer !== undefined) this.latencies.push(performance.now() - startedMs);
    }
  }

  async #askOn(index: number): Promise<void> {
    const path = PATHS[index % PATHS.length] ?? "/v1/secrets";
    while (!this.#stopped) {
      const { port, token } = this.#agent;
      const text = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      let sentMs = performance.now();
      await new KeptConnection(port, text, ({ status, body }) => {
        const receivedMs = performance.now();
        this.requests++;
        this.#observer.look({ path, status, body, sentMs, receivedMs });
        if (this.requests % SAMPLED === 0) this.latencies.push(receivedMs - sentMs);
        sentMs = receivedMs;
        return !this.#stopped;
      }).ended();
      this.refused++;
      await pause(RETRY_MS);
    }
  }

  async #wait(): Promise<void> {
    let etag: string | undefined;
    while (!this.#stopped) {
      const headers = etag === undefined ? {} : { "if-none-match": etag, prefer: "wait=10" };
      const answer = await this.#ask("/v1/secrets", headers);
      if (answer?.status !== 304) etag = answer?.etag;
      if (answer?.status !== 200) await pause(RETRY_MS);
    }
  }

  async #ask(path: string, headers: Readonly<Record<string, string>>): Promise<Answer | undefined> {
    const sentMs = performance.now();
    try {
      const answer = await this.#send(path, headers);
      this.requests++;
      this.#observer.look({ path, ...answer, sentMs, receivedMs: performance.now() });
      return answer;
    } catch {
      this.refused++;
      await pause(RETRY_MS);
      return undefined;
    }
  }

  #send(path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { port, token } = this.#agent;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port,
          path,
          agent: this.#connections,
          headers: { ...headers, authorization: `Bearer ${token}` },
          timeout: 30_000,
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (body += chunk));
          response.on("error", reject);
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, etag: response.headers.etag, body });
          });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error("no answer")));
      sent.on("error", reject);
      sent.end();
    });
  }
}

/** Somebody without the token who holds as many connections as can be had. */
export async function holdConnections(port: number, count: number, ms: number): Promise<void> {
  const sockets = Array.from({ length: count }, (): Socket => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET /v1/health HTTP/1.1\r\n");
    return socket;
  });
  await pause(ms);
  for (const socket of sockets) socket.destroy();
}
