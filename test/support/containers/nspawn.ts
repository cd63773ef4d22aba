import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HOST_BINARY } from "../../../scripts/build-binary.ts";
import { outputOf, ROOT, runCommand } from "../../../scripts/run.ts";
import { eventually, type Lifetime } from "../temporary.ts";

/** Why no systemd can be started here, or undefined where it can. */
export function whyNoSystemd(): string | undefined {
  if (process.platform !== "linux") return "systemd runs on Linux";
  if (process.getuid?.() !== 0) return "systemd-nspawn needs root";
  const there = spawnSync("systemd-nspawn", ["--version"]).status === 0;
  return there ? undefined : "systemd-nspawn is not installed: .ci/install-containers";
}

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A machine of its own, with systemd as its first process, in a container of systemd-nspawn: this machine's
 * files under a layer in memory, no network, and nothing started but what a test puts in.
 */
export class Machine {
  readonly #folder: string;
  #container: ChildProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** With the agent's executable, its unit and its folder as the guide installs them; not booted yet. */
  static async prepare(context: Lifetime): Promise<Machine> {
    const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-machine-"));
    const machine = new Machine(folder);
    context.after(() => machine.#remove());
    await runCommand("mount", ["-t", "tmpfs", "tmpfs", folder]);
    for (const name of ["upper", "work", "root"]) await mkdir(path.join(folder, name));
    const layers = `lowerdir=/,upperdir=${folder}/upper,workdir=${folder}/work`;
    await runCommand("mount", ["-t", "overlay", "overlay", "-o", layers, machine.path("/")]);
    // Whatever else this machine would start.
    const started = globSync("/etc/systemd/system/*.{wants,requires}");
    for (const wants of started) await rm(machine.path(wants), { recursive: true });
    await copyFile(HOST_BINARY, machine.path("/usr/local/bin/clef-agent"));
    await mkdir(machine.path("/etc/clef-agent"), { mode: 0o700, recursive: true });
    await mkdir(machine.path("/etc/systemd/system/multi-user.target.wants"), { recursive: true });
    const unit = "/etc/systemd/system/clef-agent.service";
    await copyFile(path.join(ROOT, "deploy/systemd/clef-agent.service"), machine.path(unit));
    return machine;
  }

  /** Where a file of the machine is for us. */
  path(inside: string): string {
    return path.join(this.#folder, "root", inside);
  }

  async write(inside: string, text: string, mode = 0o644): Promise<void> {
    await mkdir(path.dirname(this.path(inside)), { recursive: true });
    await writeFile(this.path(inside), text, { mode });
  }

  /** What `systemctl enable` would do, before it is on. */
  async enable(unit: string): Promise<void> {
    const units = "/etc/systemd/system";
    await symlink(`${units}/${unit}`, this.path(`${units}/multi-user.target.wants/${unit}`));
  }

  /** Switches it on, and waits until its systemd answers. */
  async boot(): Promise<void> {
    const options = ["--quiet", "--register=no", "--keep-unit", "--private-network", "--boot"];
    const where = ["--console=pipe", "-D", this.path("/")];
    this.#container = spawn("systemd-nspawn", [...options, ...where], { stdio: "ignore" });
    await eventually("systemd answers", () => this.systemctl("show").status === 0, 30_000);
  }

  systemctl(...args: readonly string[]): Answer {
    return this.run("systemctl", ...args);
  }

  /** A property of a unit. */
  show(unit: string, property: string): string {
    return this.systemctl("show", "--value", "-p", property, unit).stdout.trim();
  }

  run(...command: readonly string[]): Answer {
    const leader = this.#leader();
    if (leader === undefined) return { status: null, stdout: "", stderr: "it is not on" };
    const namespaces = ["-m", "-p", "-u", "-i", "-n", "-C"];
    const args = ["-t", String(leader), ...namespaces, "--", ...command];
    return spawnSync("nsenter", args, { encoding: "utf8", timeout: 60_000 });
  }

  /** The first process inside. */
  #leader(): number | undefined {
    const pid = this.#container?.pid;
    if (pid === undefined) return undefined;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  }

  async #remove(): Promise<void> {
    const leader = this.#leader();
    if (leader !== undefined) process.kill(leader, "SIGKILL");
    await eventually("it is off", () => this.#container?.exitCode !== null, 20_000);
    await outputOf("umount", ["--recursive", this.#folder]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
