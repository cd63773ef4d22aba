import { type ChildProcess, spawn } from "node:child_process";
import { ensure, equal, eventually } from "./expect.ts";
import { type Answer, request, type RequestOptions } from "./http.ts";
import { rememberSecret } from "./secret-texts.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export const TOKEN = rememberSecret("conformance-token-5a1f9c0e7d");

export interface AgentOptions {
  readonly command: readonly string[];
  readonly port: number;
  /** Its home, in which there are no credentials. */
  readonly home: string;
  readonly env: Environment;
}

/** An agent as a process, which is asked over HTTP. */
export class Agent {
  readonly port: number;
  stdout = "";
  stderr = "";
  /** Undefined while it runs. */
  exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly #child: ChildProcess;
  /** Its process has ended, though a command of it may still hold its output. */
  #isGone = false;

  constructor({ command: [program = "", ...args], port, home, env }: AgentOptions) {
    this.port = port;
    const { PATH, TMPDIR } = process.env;
    const basic = { PATH, TMPDIR, HOME: home, CLEF_AGENT_PORT: String(port) };
    const token = "CLEF_AGENT_TOKEN_FILE" in env ? {} : { CLEF_AGENT_TOKEN: TOKEN };
    this.#child = spawn(program, args, {
      // A group of its own, so that nothing of it stays, whatever the command line starts first.
      detached: true,
      env: { ...basic, ...token, CLEF_AGENT_LOG_FORMAT: "json", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#child.on("error", (error) => (this.stderr += `${error.message}\n`));
    this.#child.on("exit", () => (this.#isGone = true));
    this.#child.on("close", (code, signal) => (this.exit = { code, signal }));
  }

  /** Hands this to its standard input, and ends it. */
  input(text: string): void {
    this.#child.stdin?.end(text);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its end, whatever it does. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    // It could not be started; -0 would be the group of this very process.
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
    await eventually("its end", () => this.#isGone, 5);
  }

  /** A request with the token; `headers` may take it away. */
  get(path: string, options: RequestOptions = {}): Promise<Answer> {
    const authorization = `Bearer ${TOKEN}`;
    return request(this.port, path, { ...options, headers: { authorization, ...options.headers } });
  }

  /** The same, where nobody may be listening: undefined then. */
  async tryGet(path: string): Promise<Answer | undefined> {
    return this.get(path).catch(() => undefined);
  }

  async ready(): Promise<void> {
    await eventually("/v1/ready says 200", async () => {
      ensure(this.exit === undefined, `it ended: ${JSON.stringify(this.exit)}`);
      return (await this.tryGet("/v1/ready"))?.status === 200;
    });
  }

  async listens(): Promise<void> {
    await eventually("/v1/health says 200", async () => {
      ensure(this.exit === undefined, `it ended: ${JSON.stringify(this.exit)}`);
      return (await this.tryGet("/v1/health"))?.status === 200;
    });
  }

  /** All secrets, as they are served now. */
  async secrets(): Promise<unknown> {
    const answer = await this.get("/v1/secrets");
    equal(answer.status, 200, "the status of /v1/secrets");
    return JSON.parse(answer.body);
  }

  async serves(secrets: unknown, seconds?: number): Promise<void> {
    const expected = JSON.stringify(secrets);
    await eventually(
      `/v1/secrets gives ${expected}`,
      async () => {
        const answer = await this.tryGet("/v1/secrets");
        return answer?.status === 200 && JSON.stringify(JSON.parse(answer.body)) === expected;
      },
      seconds,
    );
  }

  /** Waits until it serves nothing any more, and says why. */
  async refuses(reason: string, seconds?: number): Promise<void> {
    await eventually(
      `/v1/ready says 503 ${reason}`,
      async () => {
        const answer = await this.tryGet("/v1/ready");
        return answer?.status === 503 && answer.json("reason") === reason;
      },
      seconds,
    );
  }

  async ended(seconds?: number): Promise<number | NodeJS.Signals | null> {
    const exit = await eventually("its end", () => this.exit, seconds);
    return exit.signal ?? exit.code;
  }

  /** Waits for this word in its log. */
  async logged(word: string, seconds?: number): Promise<void> {
    await eventually(`the log says ${word}`, () => hasWord(this.stderr, word), seconds);
  }
}

export function hasWord(text: string, word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<!\w)${escaped}(?!\w)`).test(text);
}
