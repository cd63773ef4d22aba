/** A temporary folder with everything that is measured: the built agent, the bare server, artifacts. */
import { renameSync } from "node:fs";
import { copyFile, cp, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { build as bundle } from "esbuild";
import { AGE_CHUNK } from "../src/artifact/age-file.ts";
import { packArtifact } from "../src/artifact/pack.ts";
import { ageSeal } from "../src/seal/age-seal.ts";
import { generateSigningKey, parseSigningKey } from "../src/keys/signing-keys.ts";
import { HOST, TARGETS } from "../scripts/binary/targets.ts";
import { buildBinaries, HOST_BINARY } from "../scripts/build-binary.ts";
import { build, EXECUTABLE } from "../scripts/build.ts";
import { runCommand } from "../scripts/run.ts";
import { firstAnswer, type Answer } from "./answer.ts";
import { freePort } from "../scripts/free-port.ts";
import { Server } from "./children.ts";
import type { Pair } from "./stats.ts";

export const TOKEN = "benchmark-token-0123456789abcdef";

/** What a server is to answer with, and how it is asked for. */
export interface Case {
  readonly keys: number;
  /** Characters of each value, where the usual 24 are not enough. */
  readonly valueLength?: number;
  readonly path: string;
  /** Whether every request decrypts anew, on both sides. */
  readonly justInTime?: boolean;
}

/** The executable. */
const AGENT = "agent";
const BARE = "bare-server";
const BARE_DECRYPTING = "bare-decrypting-server";

export const TWENTY: Case = { keys: 20, path: "/v1/secrets" };

export type Starters = Readonly<Record<keyof Pair, () => Promise<Server>>>;

export interface ExecutableStarters extends Starters {
  /** The agent as npm installs it. */
  readonly npm: () => Promise<Server>;
  /** Of the files, in bytes. */
  readonly sizes: Pair;
}

/** What stands before a command: a program that runs it, with its arguments, or nothing. */
export type CommandLines = Readonly<Record<keyof Pair, readonly string[]>>;

/** What runs a command with the same secrets in its environment. */
export interface Runners {
  /** `clef-agent exec` as npm has it, and as one executable. */
  readonly npm: readonly string[];
  readonly executable: readonly string[];
  /** `env` with the secrets as its arguments. */
  readonly env: readonly string[];
  /** The environment of all three. */
  readonly variables: Readonly<Record<string, string>>;
}

/** An agent whose artifact is replaced again and again. */
export interface Rotating extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Packs another one, and gives what puts it in the place of the last, as one step. */
  next(): Promise<() => void>;
}

export class Workspace {
  readonly identity: string;
  readonly #folder: string;
  readonly #signingKey: ReturnType<typeof generateSigningKey> = generateSigningKey();

  private constructor(folder: string, identity: string) {
    this.#folder = folder;
    this.identity = identity;
  }

  static async open(): Promise<Workspace> {
    const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-bench-"));
    await build();
    // A copy: whoever builds while the benchmark runs does not change what it measures.
    await cp(path.dirname(EXECUTABLE), path.join(folder, "dist"), {
      recursive: true,
      filter: (file) => path.basename(file) !== "bin",
    });
    await writeFile(path.join(folder, "package.json"), '{"type":"module"}');
    await bundle({
      entryPoints: [BARE, BARE_DECRYPTING].map((name) =>
        path.join(import.meta.dirname, `${name}.ts`),
      ),
      outdir: folder,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node22",
      minifySyntax: true,
      minifyWhitespace: true,
    });
    return new Workspace(folder, await generateX25519Identity());
  }

  /** A signed artifact, as recommended, with so many secrets of some 50 bytes each. */
  async artifact({ keys, valueLength }: Pick<Case, "keys" | "valueLength">): Promise<string> {
    return packArtifact({
      identity: "benchmark",
      environment: "production",
      payload: Buffer.from(JSON.stringify(secrets(keys, valueLength))),
      seal: ageSeal([await identityToRecipient(this.identity)]),
      ttlMs: undefined,
      signer: parseSigningKey(this.#signingKey.privatePem),
      nowMs: Date.now(),
    });
  }

  /** What starts the two servers, which give the same answer. */
  async starters(what: Case): Promise<Starters> {
    const { justInTime = false } = what;
    const name = nameOf(what);
    const source = await this.#source(what);
    const mode = { CLEF_AGENT_CACHE_TTL: justInTime ? "0" : "300" };
    const agent = async (): Promise<Server> => this.#startAgent(source, mode);

    await using server = await agent();
    const answer = await firstAnswer(server, what.path, TOKEN);
    const bodyFile = path.join(this.#folder, `${name}.body`);
    await writeFile(bodyFile, answer.body);
    const etag = /^etag: (.*)$/im.exec(answer.head)?.[1]?.trim();
    // The one that decrypts knows files of one chunk; beside larger ones stands the one that has its answer.
    const isOneChunk = answer.body.length <= AGE_CHUNK;
    const bare = async (): Promise<Server> =>
      justInTime && isOneChunk
        ? this.#startBare(BARE_DECRYPTING, source, etag, this.identity)
        : this.#startBare(BARE, bodyFile, etag);

    await using other = await bare();
    checkSame(answer, await firstAnswer(other, what.path, TOKEN));
    return { agent, bare };
  }

  /** What starts two agents: this one, and as the bare one that of another commit, built into `dist`. */
  async againstStarters(what: Case, dist: string): Promise<Starters> {
    const source = await this.#source(what);
    const mode = { CLEF_AGENT_CACHE_TTL: what.justInTime === true ? "0" : "300" };
    const other = [process.execPath, path.join(dist, path.basename(EXECUTABLE))] as const;
    return {
      agent: async () => this.#startAgent(source, mode),
      bare: async () => this.#startAgent(source, mode, other),
    };
  }

  /** An agent that serves, and whose artifact can be replaced. */
  async rotating(): Promise<Rotating> {
    const source = path.join(await mkdtemp(path.join(this.#folder, "rotating-")), "age.json");
    await writeFile(source, await this.artifact(TWENTY));
    const server = await this.#startAgent(source);
    await firstAnswer(server, TWENTY.path, TOKEN);
    return {
      port: server.port,
      pid: server.pid,
      next: async () => {
        await writeFile(`${source}.new`, await this.artifact(TWENTY));
        return () => renameSync(`${source}.new`, source);
      },
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  }

  /** What starts two agents: one that sends telemetry to this address, and as the bare one, one that does not. */
  async telemetryStarters(what: Case, url: string): Promise<Starters> {
    const source = await this.#source(what);
    const telemetry = { CLEF_AGENT_TELEMETRY_URL: url, OTEL_METRIC_EXPORT_INTERVAL: "1000" };
    return {
      agent: async () => this.#startAgent(source, telemetry),
      bare: async () => this.#startAgent(source),
    };
  }

  /** What starts the agent as one executable, and the bare server as one that is made the same way. */
  async executableStarters(what: Case): Promise<ExecutableStarters> {
    await buildBinaries(TARGETS.filter(({ name }) => name === HOST));
    const agentFile = path.join(this.#folder, AGENT);
    await copyFile(HOST_BINARY, agentFile);
    const bareFile = path.join(this.#folder, "bare");
    const config = path.join(this.#folder, "sea-config.json");
    await writeFile(
      config,
      JSON.stringify({
        main: path.join(this.#folder, `${BARE}.js`),
        mainFormat: "module",
        output: bareFile,
        disableExperimentalSEAWarning: true,
        useCodeCache: true,
        execArgvExtension: "none",
      }),
    );
    await runCommand(process.execPath, ["--build-sea", config]);
    const npm = await this.starters(what);
    const source = await this.#source(what);
    const body = path.join(this.#folder, `${nameOf(what)}.body`);
    return {
      agent: async () => this.#startAgent(source, {}, [agentFile]),
      bare: async () => this.#startBareWith([bareFile], body),
      npm: npm.agent,
      sizes: { agent: (await stat(agentFile)).size, bare: (await stat(bareFile)).size },
    };
  }

  /** What runs commands; the executable is that of `executableStarters`, which comes first. */
  async runners(what: Case): Promise<Runners> {
    const exec = ["exec", "--"] as const;
    return {
      npm: [...this.#npmProgram, ...exec],
      executable: [path.join(this.#folder, AGENT), ...exec],
      env: [
        "env",
        ...Object.entries(secrets(what.keys)).map(([name, value]) => `${name}=${value}`),
      ],
      variables: {
        PATH: process.env["PATH"] ?? "",
        CLEF_AGENT_SOURCE: await this.#source(what),
        CLEF_AGENT_AGE_KEY: this.identity,
        CLEF_AGENT_VERIFY_KEY: this.#signingKey.verifyKey,
      },
    };
  }

  async #source(what: Case): Promise<string> {
    const source = path.join(this.#folder, `${nameOf(what)}.age.json`);
    await writeFile(source, await this.artifact(what));
    return source;
  }

  async #startAgent(
    source: string,
    env: Readonly<Record<string, string>> = {},
    program: readonly [string, ...string[]] = this.#npmProgram,
  ): Promise<Server> {
    const port = await freePort();
    return new Server(port, program, {
      CLEF_AGENT_SOURCE: source,
      CLEF_AGENT_AGE_KEY: this.identity,
      CLEF_AGENT_VERIFY_KEY: this.#signingKey.verifyKey,
      CLEF_AGENT_TOKEN: TOKEN,
      CLEF_AGENT_PORT: String(port),
      ...env,
    });
  }

  get #npmProgram(): readonly [string, ...string[]] {
    return [process.execPath, path.join(this.#folder, "dist", path.basename(EXECUTABLE))];
  }

  async #startBare(name: string, ...args: readonly (string | undefined)[]): Promise<Server> {
    return this.#startBareWith([process.execPath, path.join(this.#folder, `${name}.js`)], ...args);
  }

  async #startBareWith(
    program: readonly [string, ...string[]],
    ...args: readonly (string | undefined)[]
  ): Promise<Server> {
    const port = await freePort();
    const given = args.filter((arg) => arg !== undefined);
    return new Server(port, [...program, String(port), TOKEN, ...given], {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export function secretName(index: number): string {
  return `SERVICE_SETTING_${String(index).padStart(5, "0")}`;
}

/** Of the files that belong to it. */
function nameOf({ keys, valueLength, path: asked }: Case): string {
  return [keys, valueLength, path.basename(asked)].filter((part) => part !== undefined).join("-");
}

function secrets(keys: number, valueLength = 0): Readonly<Record<string, string>> {
  const entries = Array.from({ length: keys }, (_, index) => [
    secretName(index),
    `value-of-setting-${String(index).padStart(7, "0")}`.padEnd(valueLength, "x"),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A comparison is only fair if both send the same. */
function checkSame(agent: Answer, bare: Answer): void {
  const head = ({ head: text }: Answer): string =>
    text
      .toLowerCase()
      .replace(/date: .*/, "date:")
      .split("\r\n")
      .toSorted()
      .join("\n");
  if (head(agent) !== head(bare) || !agent.body.equals(bare.body)) {
    throw new Error(`the answers differ:\n${head(agent)}\n\n${head(bare)}`);
  }
}
