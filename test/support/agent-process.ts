import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { resolve as resolvePath } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { rememberSecret } from "./known-secrets.ts";
import { eventually } from "./temporary.ts";

/** A program and its first arguments. */
export type CommandLine = readonly [string, ...string[]];

/**
 * The command line that starts the agent under test: what CLEF_TEST_AGENT names (an executable), or
 * else the built dist/.
 */
export const AGENT_COMMAND: CommandLine = agentCommand();
export const TOKEN = rememberSecret("test-token-0123456789abcdef");

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One line of the agent's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The built agent as a process, configured by `env` alone, on a port of its own choosing. */
export class AgentProcess {
  readonly child: ChildProcess;
  stderr = "";
  stdout = "";
  exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.on("close", (code, signal) => (this.exit = { code, signal }));
  }

  /** Starts it; `env` is added to a port of 0, the test token and JSON logs. */
  static start(
    context: Pick<TestContext, "after">,
    env: Readonly<Record<string, string | undefined>>,
    args: readonly string[] = ["run"],
    commandLine: CommandLine = AGENT_COMMAND,
  ): AgentProcess {
    const defaults = {
      PATH: process.env["PATH"],
      CLEF_AGENT_PORT: "0",
      CLEF_AGENT_TOKEN: TOKEN,
      CLEF_AGENT_LOG_FORMAT: "json",
    };
    const [command, ...before] = commandLine;
    const child = spawn(command, [...before, ...args], {
      env: { ...defaults, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const agent = new AgentProcess(child);
    context.after(() => void child.kill("SIGKILL"));
    return agent;
  }

  /** The log so far, line by line. */
  get log(): readonly LogLine[] {
    return this.stderr
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Waits for a log line for which `matches` holds. */
  logged(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    return eventually(`log line: ${what}; so far:\n${this.stderr}`, () => this.log.find(matches));
  }

  async port(): Promise<number> {
    const { address } = await this.#listening();
    return Number(String(address).split(":").at(-1));
  }

  /** Where it listens: its port, or its socket where that is all it has. */
  async place(): Promise<Place> {
    const { address, socket } = await this.#listening();
    return address === undefined ? String(socket) : this.port();
  }

  #listening(): Promise<LogLine> {
    return this.logged("listening", (entry) => entry["message"] === "listening");
  }

  /** Sends a GET with the test's token. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return httpRequest(await this.place(), path, { authorization: `Bearer ${TOKEN}`, ...headers });
  }

  /** Waits until `/v1/ready` says yes. */
  async ready(): Promise<void> {
    await eventually("ready", async () => (await this.get("/v1/ready")).status === 200);
  }

  async ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return eventually(`exit; stderr so far:\n${this.stderr}`, () => this.exit, 20_000);
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended();
  }
}

function agentCommand(): CommandLine {
  const chosen = process.env["CLEF_TEST_AGENT"];
  if (chosen !== undefined) return [resolvePath(chosen)];
  return [process.execPath, fileURLToPath(new URL("../../dist/clef-agent.js", import.meta.url))];
}

/** A port of 127.0.0.1, or the path of a Unix socket. */
export type Place = number | string;

export function httpRequest(
  place: Place,
  path: string,
  headers: Readonly<Record<string, string>>,
  method = "GET",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where =
      typeof place === "number" ? { host: "127.0.0.1", port: place } : { socketPath: place };
    const outgoing = request({ ...where, path, headers, method, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
