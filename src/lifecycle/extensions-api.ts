import { AgentError, systemCode } from "../errors.ts";
import { LAMBDA_NEXT_RETRIES, LAMBDA_NEXT_RETRY_MS, LAMBDA_REPORT_MS } from "../limits.ts";
import type { Log } from "../telemetry/log.ts";
import { askExtensionsApi, type ExtensionAnswer } from "./extension-request.ts";
import { type LambdaEvent, parseLambdaEvent } from "./lambda-event.ts";

export interface ExtensionsApiOptions {
  /** `host:port`, as `AWS_LAMBDA_RUNTIME_API` gives it. */
  readonly host: string;
  /** The file name of the extension, by which Lambda knows whom it started. */
  readonly extensionName: string;
  readonly log: Log;
}

/**
 * Lambda's Extensions API, version 2020-01-01
 * (docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html).
 */
export class ExtensionsApi {
  readonly #options: ExtensionsApiOptions;
  /** Whoever knows it can speak for the extension, so it is never logged. */
  #extensionId: string | undefined;
  #askedForEvents = false;

  constructor(options: ExtensionsApiOptions) {
    this.#options = options;
  }

  /** @throws AgentError `lambda_api_failed`. */
  async register(): Promise<void> {
    const { host, extensionName, log } = this.#options;
    let answer: ExtensionAnswer;
    try {
      answer = await askExtensionsApi({
        method: "POST",
        host,
        path: "register",
        headers: { "Lambda-Extension-Name": extensionName, ...JSON_BODY },
        body: { events: ["INVOKE", "SHUTDOWN"] },
        timeoutMs: LAMBDA_REPORT_MS,
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (answer.status !== 200 || answer.extensionId === undefined) {
      const what = `register as "${extensionName}"`;
      const advice = "is the agent the file of that name in /opt/extensions?";
      throw this.#refused(what, answer.status, advice);
    }
    this.#extensionId = answer.extensionId;
    log.hide(answer.extensionId);
  }

  /**
   * Waits for the next event, for hours if need be. The first call ends the extension's part of the
   * init phase. A connection that breaks, as it may in a freeze, is made again.
   *
   * @throws AgentError `lambda_api_failed`, after which Lambda expects the process to exit.
   */
  async next(): Promise<LambdaEvent> {
    this.#askedForEvents = true;
    const { host } = this.#options;
    for (let failures = 0; ; failures++) {
      let answer: ExtensionAnswer | undefined;
      try {
        const headers = this.#identified();
        // oxlint-disable-next-line no-await-in-loop -- one question at a time
        answer = await askExtensionsApi({
          method: "GET",
          host,
          path: "event/next",
          headers,
          timeoutMs: 0,
        });
      } catch (error) {
        if (failures >= LAMBDA_NEXT_RETRIES) throw this.#unreachable(error);
      }
      if (answer?.status === 200) return parseLambdaEvent(answer.body);
      if (answer !== undefined) {
        throw this.#refused("give the next event", answer.status, "restart the environment");
      }
      this.#options.log.debug("the connection to the Lambda Extensions API broke; asking again");
      // oxlint-disable-next-line no-await-in-loop -- a pause before the next try
      await new Promise((resolve) => setTimeout(resolve, LAMBDA_NEXT_RETRY_MS));
    }
  }

  /**
   * Tells Lambda why the extension is about to exit: as an error of its initialisation before the
   * first `next`, as an exit error after it. Never throws: there is nobody left to tell.
   */
  async fail(error: AgentError): Promise<void> {
    const { host, log } = this.#options;
    try {
      if (this.#extensionId === undefined) await this.register();
      const errorType = errorTypeOf(error);
      await askExtensionsApi({
        method: "POST",
        host,
        path: this.#askedForEvents ? "exit/error" : "init/error",
        headers: {
          ...this.#identified(),
          ...JSON_BODY,
          "Lambda-Extension-Function-Error-Type": errorType,
        },
        body: { errorMessage: error.message, errorType, stackTrace: [] },
        timeoutMs: LAMBDA_REPORT_MS,
      });
    } catch (cause) {
      const known = cause instanceof AgentError ? cause : this.#unreachable(cause);
      log.warn(`Lambda could not be told of the error: ${known.message}`, { code: known.code });
    }
  }

  #identified(): Readonly<Record<string, string>> {
    return { "Lambda-Extension-Identifier": this.#extensionId ?? "" };
  }

  #refused(what: string, status: number, advice: string): AgentError {
    const api = `the Lambda Extensions API at ${this.#options.host} (AWS_LAMBDA_RUNTIME_API)`;
    const problem = `${api} answered ${status} when asked to ${what}; ${advice}`;
    return new AgentError("lambda_api_failed", problem);
  }

  #unreachable(cause: unknown): AgentError {
    const api = `the Lambda Extensions API at ${this.#options.host} (AWS_LAMBDA_RUNTIME_API)`;
    const problem = `${api} cannot be reached (${systemCode(cause) ?? "no answer"}); unset the variable to run outside Lambda`;
    return new AgentError("lambda_api_failed", problem, { cause });
  }
}

const JSON_BODY = { "Content-Type": "application/json" } as const;

/** `Extension.StartupTimeout` of `startup_timeout`: AWS recommends `category.reason`. */
function errorTypeOf({ code }: AgentError): string {
  const words = code.split("_").map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return `Extension.${words.join("")}`;
}
