import { Agent, request } from "node:http";
import type { TestContext } from "node:test";
import { TOKEN } from "./agent-process.ts";

/** A client that follows `/v1/secrets/<name>` by waiting requests, on one connection that stays open. */
export class WaitingClient {
  /** Each value that it was given, in order. */
  readonly values: string[] = [];
  readonly #connection = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  readonly #name: string;
  #etag: string | undefined;
  #stopped = false;

  private constructor(port: number, name: string) {
    this.#port = port;
    this.#name = name;
  }

  /** Has the first value when it resolves, and waits for the next until the test ends. */
  static async follow(
    context: Pick<TestContext, "after">,
    port: number,
    name: string,
  ): Promise<WaitingClient> {
    const client = new WaitingClient(port, name);
    await client.#ask();
    void client.#goOn();
    context.after(() => client.stop());
    return client;
  }

  stop(): void {
    this.#stopped = true;
    this.#connection.destroy();
  }

  async #goOn(): Promise<void> {
    while (!this.#stopped) await this.#ask().catch(() => undefined);
  }

  #ask(): Promise<void> {
    const known = this.#etag === undefined ? {} : { "if-none-match": this.#etag };
    const options = {
      host: "127.0.0.1",
      port: this.#port,
      path: `/v1/secrets/${this.#name}`,
      agent: this.#connection,
      headers: { authorization: `Bearer ${TOKEN}`, prefer: "wait=60", ...known },
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (text: string) => (body += text));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode === 200) {
            this.#etag = answer.headers.etag;
            this.values.push((JSON.parse(body) as { readonly value: string }).value);
          }
          resolve();
        });
      });
      outgoing.on("error", reject).end();
    });
  }
}
