import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { text } from "node:stream/consumers";
import { eventually } from "./temporary.ts";

/** How the function's own process is started; it speaks the Runtime API. */
export interface FunctionProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An error that the extension reported. */
export interface ReportedError {
  readonly path: "init/error" | "exit/error";
  readonly header: string | undefined;
  readonly body: unknown;
}

type Asked = (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => void;

/** Lambda's limits, from its documentation, in milliseconds. */
const INIT_MS = 10_000;
const SHUTDOWN_MS = 2_000;

/**
 * One Lambda execution environment: the Extensions API (2020-01-01) for one extension, the Runtime API
 * (2018-06-01) for one function, and the phases in which Lambda thaws and freezes both. It is as strict
 * as the documentation lets it be: what it does not allow is answered with 4xx.
 */
export class LambdaEmulator {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #extensionFile: string;
  readonly #function: FunctionProcess | undefined;
  #runtime: ChildProcess | undefined;
  #agent: ChildProcess | undefined;
  #id: string | undefined;
  #dead = false;
  #extensionAsks: Asked | undefined;
  #runtimeAsks: Asked | undefined;
  #answered: PromiseWithResolvers<unknown> | undefined;
  /** Lambda's wall clock, in milliseconds, by which it tells deadlines. */
  wallMs: () => number = Date.now;
  /** Called while an extension registers, before it is answered. */
  onRegister: () => Promise<void> = () => Promise.resolve();
  readonly registered: string[] = [];
  readonly errors: ReportedError[] = [];
  /** How often the next event was asked for. */
  nexts = 0;
  /** Milliseconds by which the extension made each invocation longer than the function did. */
  readonly overheads: number[] = [];
  #nextAt = 0;
  #answeredAt = 0;

  private constructor(extensionFile: string, functionProcess: FunctionProcess | undefined) {
    this.#extensionFile = extensionFile;
    this.#function = functionProcess;
  }

  static async start(
    context: Pick<TestContext, "after">,
    extensionFile: string,
    functionProcess?: FunctionProcess,
  ): Promise<LambdaEmulator> {
    const emulator = new LambdaEmulator(extensionFile, functionProcess);
    emulator.#server.listen(0, "127.0.0.1");
    await once(emulator.#server, "listening");
    context.after(() => {
      emulator.#runtime?.kill("SIGKILL");
      emulator.#server.close();
      emulator.#server.closeAllConnections();
    });
    return emulator;
  }

  /** What `AWS_LAMBDA_RUNTIME_API` says. */
  get host(): string {
    const address = this.#server.address();
    assert.ok(typeof address === "object" && address !== null);
    return `127.0.0.1:${address.port}`;
  }

  get extensionId(): string {
    assert.ok(this.#id, "the extension has registered");
    return this.#id;
  }

  get functionStarted(): boolean {
    return this.#runtime !== undefined;
  }

  /** From now on this process is frozen and thawed together with the function. */
  freezes(agent: ChildProcess): void {
    this.#agent = agent;
  }

  /** The init phase: over when the extension and the function have asked for their first event. */
  async init(): Promise<void> {
    await eventually("the end of the init phase", () => this.#idle, INIT_MS);
    this.#signal("SIGSTOP");
  }

  /** One invocation: over when both have asked for the next event. Frozen before and after. */
  async invoke(event: unknown = {}, timeoutMs = 3_000): Promise<unknown> {
    await eventually("both wait for an event", () => this.#idle);
    this.#signal("SIGCONT");
    const requestId = randomUUID();
    const deadlineMs = this.wallMs() + timeoutMs;
    const answered = Promise.withResolvers<unknown>();
    this.#answered = answered;
    const askedBefore = this.nexts;
    this.#take("extension")(200, {
      eventType: "INVOKE",
      deadlineMs,
      requestId,
      invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:demo",
      tracing: { type: "X-Amzn-Trace-Id", value: "Root=1-5f35ae12-0c0fec141ab77a00bc047aa2" },
    });
    if (this.#function !== undefined) {
      this.#take("function")(200, event, {
        "Lambda-Runtime-Aws-Request-Id": requestId,
        "Lambda-Runtime-Deadline-Ms": String(deadlineMs),
      });
    } else answered.resolve(undefined);
    const answer = await answered.promise;
    await eventually("the end of the invocation", () => this.#idle && this.nexts > askedBefore);
    this.overheads.push(Math.max(0, this.#nextAt - this.#answeredAt));
    this.#signal("SIGSTOP");
    return answer;
  }

  /** The shutdown phase: the function ends, then the extension is told. */
  shutdown(shutdownReason = "SPINDOWN"): void {
    this.#runtime?.kill("SIGKILL");
    this.#runtime = undefined;
    this.#signal("SIGCONT");
    const deadlineMs = this.wallMs() + SHUTDOWN_MS;
    this.#take("extension")(200, { eventType: "SHUTDOWN", shutdownReason, deadlineMs });
  }

  /** Breaks the connection on which the extension waits for its next event. */
  breakLongPoll(): void {
    this.#extensionAsks = undefined;
    this.#server.closeAllConnections();
  }

  /** Answers the extension's request for an event with an error. */
  refuseNext(status: number): void {
    this.#take("extension")(status, { errorType: "Extension.Test", errorMessage: "refused" });
  }

  /** Whether the extension waits for an event. */
  get extensionWaits(): boolean {
    return this.#extensionAsks !== undefined;
  }

  get #idle(): boolean {
    const functionWaits = this.#function === undefined || this.#runtimeAsks !== undefined;
    return this.extensionWaits && functionWaits;
  }

  #take(who: "extension" | "function"): Asked {
    const asked = who === "extension" ? this.#extensionAsks : this.#runtimeAsks;
    if (who === "extension") this.#extensionAsks = undefined;
    else this.#runtimeAsks = undefined;
    assert.ok(asked, `the ${who} waits for an event`);
    return asked;
  }

  #signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#agent?.kill(signal);
    if (this.#agent !== undefined) this.#runtime?.kill(signal);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const answer: Asked = (status, value, headers = {}) => {
      response.writeHead(status, { "Content-Type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    const [, version, api, ...rest] = (request.url ?? "").split("/");
    const route = `${request.method} ${rest.join("/")}`;
    if (version === "2018-06-01" && api === "runtime") this.#serveRuntime(route, body, answer);
    else if (version !== "2020-01-01" || api !== "extension") answer(404, {});
    else if (route === "POST register") await this.#register(request, body, answer);
    else this.#serveExtension(route, request, body, answer);
  }

  async #register(request: IncomingMessage, body: string, answer: Asked): Promise<void> {
    const name = request.headers["lambda-extension-name"];
    if (name !== this.#extensionFile || this.#id !== undefined) {
      answer(403, { errorType: "Extension.UnknownName", errorMessage: "no such file" });
      return;
    }
    const { events } = JSON.parse(body) as { events: readonly string[] };
    if (events.some((event) => event !== "INVOKE" && event !== "SHUTDOWN")) {
      answer(400, { errorType: "Extension.InvalidEventType", errorMessage: "unknown event" });
      return;
    }
    this.registered.push(...events);
    await this.onRegister();
    const id = randomUUID();
    this.#id = id;
    answer(
      200,
      { functionName: "demo", functionVersion: "$LATEST", handler: "handler.handler" },
      { "Lambda-Extension-Identifier": id },
    );
    this.#startFunction();
  }

  #serveExtension(route: string, request: IncomingMessage, body: string, answer: Asked): void {
    if (request.headers["lambda-extension-identifier"] !== this.#id || this.#dead) {
      answer(403, { errorType: "Extension.UnknownIdentifier", errorMessage: "who are you?" });
      return;
    }
    if (route === "GET event/next" && this.#extensionAsks === undefined) {
      this.nexts++;
      this.#nextAt = performance.now();
      this.#extensionAsks = answer;
      return;
    }
    const [, path] = /^POST (init\/error|exit\/error)$/.exec(route) ?? [];
    const isInit = this.nexts === 0;
    if ((path !== "init/error" || !isInit) && (path !== "exit/error" || isInit)) {
      answer(403, { errorType: "Extension.InvalidStateTransition", errorMessage: route });
      return;
    }
    const header = request.headers["lambda-extension-function-error-type"];
    this.errors.push({ path, header: header?.toString(), body: JSON.parse(body) });
    this.#dead = true;
    answer(202, { status: "OK" });
  }

  #serveRuntime(route: string, body: string, answer: Asked): void {
    if (route === "GET invocation/next") {
      this.#runtimeAsks = answer;
    } else if (/^POST invocation\/[\w-]+\/(response|error)$/.test(route)) {
      answer(202, { status: "OK" });
      this.#answeredAt = performance.now();
      this.#answered?.resolve(JSON.parse(body));
    } else answer(404, {});
  }

  #startFunction(): void {
    if (this.#function === undefined) return;
    const { command, args, env } = this.#function;
    this.#runtime = spawn(command, args, {
      env: { PATH: process.env["PATH"], ...env, AWS_LAMBDA_RUNTIME_API: this.host },
      stdio: ["ignore", "inherit", "inherit"],
    });
  }
}
