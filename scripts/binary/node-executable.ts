/** Node.js for a target, from the npm registry, checked against the sum in targets.ts. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { ROOT, runCommand } from "../run.ts";
import { HOST, NODE_VERSION, type Target } from "./targets.ts";

const CACHE: string = path.join(ROOT, "node_modules/.cache/clef-agent/node");

/**
 * Path of the target's Node.js executable: the one that is running, or one from the registry that
 * is kept under node_modules/.cache.
 *
 * @throws Error if it is not the one whose sum is recorded.
 */
export async function nodeExecutable(target: Target): Promise<string> {
  const file = target.name === HOST ? process.execPath : await fetchNode(target, NODE_VERSION);
  const sum = await sha256(file);
  if (sum === target.sha256) return file;
  throw new Error(
    `${file} has the SHA-256 ${sum} and not the one of Node.js ${NODE_VERSION} in ` +
      "scripts/binary/targets.ts; after a change of the pinned Node.js, check it and write it there",
  );
}

/** SHA-256 of a file, in hex. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Path of this version of Node.js for a target, from the registry or from what was fetched before. */
export async function fetchNode(target: Target, version: string): Promise<string> {
  const file = target.name.startsWith("win32") ? "bin/node.exe" : "bin/node";
  return fetchFromPackage(target.package, version, file);
}

/** Path of a file in a package of the registry. Nothing of the package runs here. */
export async function fetchFromPackage(
  name: string,
  version: string,
  file: string,
): Promise<string> {
  const plain = name.replace("@", "").replace("/", "-");
  const folder = path.join(CACHE, `${plain}-${version}`);
  const wanted = path.join(folder, "package", file);
  if (await exists(wanted)) return wanted;
  await mkdir(CACHE, { recursive: true });
  const temporary = await mkdtemp(path.join(CACHE, "fetching-"));
  try {
    // Without its scripts, and in a folder of its own.
    await runCommand(
      "npm",
      ["pack", "--silent", "--ignore-scripts", `${name}@${version}`],
      temporary,
    );
    const archive = `${plain}-${version}.tgz`;
    await runCommand("tar", ["-xzf", archive], temporary);
    await rm(path.join(temporary, archive));
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return wanted;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
