/** From a change of the source to a client that waits for it, beside one that asks every second. */
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { anonymousMiB, cpuMicros } from "./proc.ts";
import { compare, type Comparison, quantile } from "./stats.ts";
import { TOKEN, type Rotating } from "./workspace.ts";

const PATH = "/v1/secrets";
const POLL_MS = 1_000;
const SETTLE_MS = 2_000;
const AT_REST_MS = 10_000;
/** As many as may wait at once. */
const WAITING = 256;

export interface WaitingPlan {
  /** That one client waits for. */
  readonly rotations: number;
  /** That clients who poll are to find, a second and a bit apart. */
  readonly polledRotations: number;
  /** Clients who poll, each at its own moment of the second. */
  readonly polling: number;
}

export interface Waiting {
  readonly p50Ms: Comparison;
  readonly p99Ms: Comparison;
  /** What as many requests as may wait add to as many connections, in MiB. */
  readonly addedMiB: number;
  /** CPU of ten seconds in which nothing happens, in milliseconds: with them, and with their connections alone. */
  readonly atRestMs: { readonly waiting: number; readonly connected: number };
}

/** @param open - starts an agent: what was done before would hide what waiting takes. */
export async function measureWaiting(
  open: () => Promise<Rotating>,
  plan: WaitingPlan,
): Promise<Waiting> {
  await using rotating = await open();
  await using fresh = await open();
  const waited = await waitedFor(rotating, plan.rotations);
  const polled = await polledFor(rotating, plan);
  const compared = (share: number): Comparison =>
    compare([{ agent: quantile(waited, share), bare: quantile(polled, share) }]);
  return { p50Ms: compared(0.5), p99Ms: compared(0.99), ...(await atRest(fresh)) };
}

/** Milliseconds from each rename to the answer of one client that waits. */
async function waitedFor(rotating: Rotating, rotations: number): Promise<readonly number[]> {
  using client = new Client(rotating.port);
  const times: number[] = [];
  let { etag } = await client.ask();
  for (let rotation = 0; rotation < rotations; rotation++) {
    const replace = await rotating.next();
    const answer = client.ask({ "if-none-match": etag, prefer: "wait=60" });
    // It waits by then, and a poll of the file does not always come at the same moment.
    await sleep(20 + Math.random() * 40);
    const from = performance.now();
    replace();
    ({ etag } = await answer);
    times.push(performance.now() - from);
  }
  return times;
}

/** The same for clients that ask every second. */
async function polledFor(
  rotating: Rotating,
  { polledRotations, polling }: WaitingPlan,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let rotation = 0; rotation < polledRotations; rotation++) {
    const replace = await rotating.next();
    const clients = Array.from({ length: polling }, () => new Client(rotating.port));
    let from = Number.NaN;
    const found = clients.map(async (client, index) => {
      let { etag } = await client.ask();
      await sleep((POLL_MS * index) / polling);
      for (;;) {
        const answer = await client.ask({ "if-none-match": etag });
        if (answer.status === 200) break;
        ({ etag } = answer);
        await sleep(POLL_MS);
      }
      times.push(performance.now() - from);
    });
    await sleep(POLL_MS);
    from = performance.now();
    replace();
    await Promise.all(found);
    for (const client of clients) client[Symbol.dispose]();
  }
  return times;
}

async function atRest({ port, pid }: Rotating): Promise<Pick<Waiting, "addedMiB" | "atRestMs">> {
  const clients = Array.from({ length: WAITING }, () => new Client(port));
  const [first] = await Promise.all(clients.map(async (client) => client.ask()));
  await sleep(SETTLE_MS);
  const before = anonymousMiB(pid);
  const connected = await cpuMsAtRest(pid);
  for (const client of clients) {
    // Cut off at the end.
    void client
      .ask({ "if-none-match": first?.etag ?? "", prefer: "wait=240" })
      .catch(() => undefined);
  }
  await sleep(SETTLE_MS);
  const addedMiB = anonymousMiB(pid) - before;
  const waiting = await cpuMsAtRest(pid);
  for (const client of clients) client[Symbol.dispose]();
  return { addedMiB, atRestMs: { waiting, connected } };
}

async function cpuMsAtRest(pid: number): Promise<number> {
  const before = cpuMicros(pid);
  await sleep(AT_REST_MS);
  return (cpuMicros(pid) - before) / 1_000;
}

/** A client on one connection that stays open. */
class Client implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  ask(headers: Readonly<Record<string, string>> = {}): Promise<{
    readonly status: number;
    readonly etag: string;
  }> {
    const options = {
      host: "127.0.0.1",
      port: this.#port,
      path: PATH,
      agent: this.#agent,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (answer: IncomingMessage) => {
        answer.resume().on("end", () => {
          resolve({ status: answer.statusCode ?? 0, etag: answer.headers.etag ?? "" });
        });
      });
      outgoing.on("error", reject).end();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
