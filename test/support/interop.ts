import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const ROOT: string = join(import.meta.dirname, "../..");
const installed = (name: string): string => join(ROOT, ".interop/bin", name);

export function run(
  command: string,
  args: readonly string[],
  input?: string,
): SpawnSyncReturns<string> {
  return spawnSync(command, args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    ...(input === undefined ? {} : { input }),
  });
}

/** A Python that has these modules; see test/interop/requirements.txt. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  return [installed("python3"), "python3"].find((command) =>
    works(command, "-c", `import ${modules.join(", ")}`),
  );
}

function works(command: string, ...args: readonly string[]): boolean {
  return run(command, args).status === 0;
}

/** How a Kustomize overlay is built here: the command, to which the folder is added. */
export function kustomize(): readonly [string, ...string[]] | undefined {
  for (const command of [installed("kustomize"), "kustomize"]) {
    if (works(command, "version")) return [command, "build"];
  }
  return works("kubectl", "kustomize", "--help") ? ["kubectl", "kustomize"] : undefined;
}

/** The program that checks workflows, if it is here. */
export function actionlint(): string | undefined {
  return [installed("actionlint"), "actionlint"].find((command) => works(command, "-version"));
}

/** The program that encrypts files of secrets, if it is here. */
export function sops(): string | undefined {
  return [installed("sops"), "sops"].find((command) =>
    works(command, "--version", "--disable-version-check"),
  );
}

/** What reads env files as Docker Compose does (test/interop/compose-dotenv), if it is here. */
export function composeDotenv(): string | undefined {
  return [installed("compose-dotenv")].find((command) => existsSync(command));
}

/** AWS's Lambda Runtime Interface Emulator, if it is here. No option of it ends by itself. */
export function lambdaRie(): string | undefined {
  return [installed("aws-lambda-rie")].find((command) => existsSync(command));
}

/** What makes requests of a description of an API, if it is here. */
export function schemathesis(): string | undefined {
  return [installed("schemathesis"), "schemathesis"].find((command) => works(command, "--version"));
}

/** What takes long to build or to fetch is kept there, outside of the checkout, by name and version. */
const CACHE: string =
  process.env["CLEF_TEST_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "clef-agent");

/** A program in that cache, if it is there. */
export function cached(...place: readonly [string, ...string[]]): string | undefined {
  const file = join(CACHE, ...place);
  return existsSync(file) ? file : undefined;
}

/** Prometheus' tool that checks and tests rules, if it is here. */
export function promtool(): string | undefined {
  const unpacked = installed("promtool");
  return existsSync(unpacked) ? unpacked : works("promtool", "--version") ? "promtool" : undefined;
}

/** The web server, if it is here. */
export function nginx(): string | undefined {
  return [installed("nginx"), "nginx"].find((command) => works(command, "-v"));
}
