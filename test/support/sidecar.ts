import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "../../scripts/free-port.ts";
import { AgentOnFile } from "./agent-on-file.ts";
import { AgentProcess, TOKEN } from "./agent-process.ts";
import { AGE_IDENTITY } from "./artifacts.ts";
import { temporaryDirectory } from "./temporary.ts";

export type Way = "TCP" | "a Unix socket";

export interface SidecarOptions {
  readonly way: Way;
  /** Seconds; 0 is just-in-time mode. */
  readonly ttl?: string;
  readonly secrets?: unknown;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The built agent on an artifact in a file, at an address that outlives it. */
export class Sidecar extends AgentOnFile {
  /** A folder of this test's own. */
  readonly directory: string;
  /** The variables by which clients find it. */
  readonly clients: Readonly<Record<string, string>>;
  readonly #t: TestContext;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #agent: AgentProcess | undefined;

  private constructor(
    t: TestContext,
    directory: string,
    clients: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    super(join(directory, "artifact.json"));
    this.#t = t;
    this.directory = directory;
    this.clients = clients;
    this.#env = env;
  }

  /** One that does not run yet. */
  static async at(t: TestContext, options: SidecarOptions): Promise<Sidecar> {
    const { way, ttl = "300", secrets = { KEY: "one" }, env } = options;
    const directory = await temporaryDirectory(t);
    const socket = join(directory, "agent.sock");
    const port = String(await freePort());
    const byTcp = way === "TCP";
    const sidecar = new Sidecar(
      t,
      directory,
      byTcp
        ? { CLEF_AGENT_URL: `http://127.0.0.1:${port}`, CLEF_AGENT_TOKEN: TOKEN }
        : { CLEF_AGENT_SOCKET: socket },
      {
        CLEF_AGENT_SOURCE: join(directory, "artifact.json"),
        CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
        CLEF_AGENT_CACHE_TTL: ttl,
        ...(byTcp
          ? { CLEF_AGENT_PORT: port }
          : { CLEF_AGENT_PORT: "none", CLEF_AGENT_SOCKET: socket }),
        ...env,
      },
    );
    await sidecar.repack(secrets);
    return sidecar;
  }

  /** One that serves. */
  static async start(t: TestContext, options: SidecarOptions): Promise<Sidecar> {
    const sidecar = await Sidecar.at(t, options);
    await sidecar.start();
    return sidecar;
  }

  get agent(): AgentProcess {
    if (this.#agent === undefined) throw new Error("it does not run yet");
    return this.#agent;
  }

  /** @param env - beside what it was made with. */
  async start(env: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
    this.#agent = AgentProcess.start(this.#t, { ...this.#env, ...env });
    await this.#agent.logged("listening", ({ message }) => message === "listening");
  }

  async stop(): Promise<void> {
    await this.agent.stop();
  }
}
