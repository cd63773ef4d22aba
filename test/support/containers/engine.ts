import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runCommand } from "../../../scripts/run.ts";
import { eventually, type Lifetime } from "../temporary.ts";

/** Why no Docker engine can be started here, or undefined where it can. */
export function whyNoDocker(): string | undefined {
  if (process.platform !== "linux") return "the engine of the tests runs on Linux";
  if (process.getuid?.() !== 0) return "dockerd needs root";
  const there = spawnSync("dockerd", ["--version"]).status === 0;
  return there ? undefined : "dockerd is not installed: .ci/install-containers";
}

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Docker engine of the test's own, with no image, no container and no network of another one. */
export class Engine {
  readonly #folder: string;
  readonly #engine: ChildProcess;

  private constructor(folder: string, engine: ChildProcess) {
    this.#folder = folder;
    this.#engine = engine;
  }

  static async start(context: Lifetime): Promise<Engine> {
    const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-docker-"));
    const settings = {
      "data-root": path.join(folder, "data"),
      "exec-root": path.join(folder, "exec"),
      pidfile: path.join(folder, "pid"),
      hosts: [`unix://${folder}/docker.sock`],
      "storage-driver": "overlay2",
      // No bridge of the machine is touched, nor its firewall.
      bridge: "none",
      iptables: false,
    };
    const file = path.join(folder, "daemon.json");
    await writeFile(file, JSON.stringify(settings));
    const child = spawn("dockerd", ["--config-file", file], { stdio: "ignore" });
    const engine = new Engine(folder, child);
    context.after(() => engine.#stop());
    await eventually("the engine answers", () => engine.docker("info").status === 0, 30_000);
    return engine;
  }

  /** What its clients need to find it. */
  get env(): Readonly<Record<string, string>> {
    return {
      PATH: process.env["PATH"] ?? "",
      HOME: this.#folder,
      DOCKER_HOST: `unix://${this.#folder}/docker.sock`,
    };
  }

  docker(...args: readonly string[]): Answer {
    return spawnSync("docker", args, { encoding: "utf8", env: this.env, timeout: 120_000 });
  }

  /** The same, of which nothing may fail. */
  does(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.docker(...args);
    if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** One value of what `docker inspect` tells. */
  inspect(container: string, format: string): string {
    return this.does("inspect", "--format", `{{${format}}}`, container);
  }

  /** Asks the agent in a container from inside of its network. */
  ask(container: string, request: string, token = ""): string {
    const pid = this.inspect(container, ".State.Pid");
    const curl = ["curl", "-s", "-H", `Authorization: Bearer ${token}`];
    const url = `http://127.0.0.1:7779${request}`;
    return spawnSync("nsenter", ["-t", pid, "-n", ...curl, url], { encoding: "utf8" }).stdout;
  }

  async #stop(): Promise<void> {
    const containers = this.docker("ps", "--all", "--quiet").stdout.split("\n").filter(Boolean);
    if (containers.length > 0) this.docker("rm", "--force", "--volumes", ...containers);
    // Their bridges are the machine's.
    this.docker("network", "prune", "--force");
    this.#engine.kill("SIGTERM");
    await eventually("the engine has ended", () => this.#engine.exitCode !== null, 30_000);
    await runCommand("umount", ["--quiet", "--recursive", this.#folder]).catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
