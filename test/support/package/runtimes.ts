import { chmod } from "node:fs/promises";
import { fetchFromPackage, fetchNode } from "../../../scripts/binary/node-executable.ts";
import { HOST, NODE_VERSION, TARGETS } from "../../../scripts/binary/targets.ts";
import type { CommandLine } from "../agent-process.ts";

/** What runs JavaScript: how it is started with a program, and what loads the client's loader before that. */
export interface Runtime {
  readonly name: string;
  readonly loader: readonly string[];
  /** Fetches it where it is not there yet. */
  command(): Promise<CommandLine>;
}

const LOADER = "@clef-sh/agent/client/env";

/** Bun and Deno for Linux, as npm has them. */
const PACKAGES: ReadonlyMap<string, { readonly bun: string; readonly deno: string }> = new Map([
  ["linux-x64", { bun: "@oven/bun-linux-x64", deno: "@deno/linux-x64-glibc" }],
  ["linux-arm64", { bun: "@oven/bun-linux-aarch64", deno: "@deno/linux-arm64-glibc" }],
]);

/** Those that the client is made for; none where npm has them not. */
export function runtimes(): readonly Runtime[] {
  const target = TARGETS.find(({ name }) => name === HOST);
  const packages = PACKAGES.get(HOST);
  if (target === undefined || packages === undefined) return [];
  const nodes = ["20.20.2", "22.4.0", "24.21.0", NODE_VERSION].map((version) => ({
    name: `Node.js ${version}`,
    loader: ["--import", LOADER],
    command: async (): Promise<CommandLine> => [await fetchNode(target, version)],
  }));
  return [
    ...nodes,
    {
      name: "Bun",
      loader: ["--preload", LOADER],
      command: async () => [await executable(packages.bun, "1.4.5", "bin/bun"), "run"],
    },
    {
      name: "Deno",
      // It takes a preloaded module for a path or an address.
      loader: ["--preload", "./node_modules/@clef-sh/agent/dist/client/env.js"],
      command: async () => [
        await executable(packages.deno, "2.9.6", "deno"),
        "run",
        "--allow-all",
        "--quiet",
      ],
    },
  ];
}

async function executable(name: string, version: string, file: string): Promise<string> {
  const path = await fetchFromPackage(name, version, file);
  await chmod(path, 0o755);
  return path;
}
