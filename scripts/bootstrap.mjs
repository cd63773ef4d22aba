// Runs a script of this repository with the Node that package.json pins, after installing what is
// missing. It is plain JavaScript without dependencies, for any Node from 18 on, so that
// `npm test` or `npm run demo` is all that a fresh clone needs.
//
//   node scripts/bootstrap.mjs scripts/test.ts [arguments for the script]

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const pinnedNode = path.join(
  root,
  "node_modules/node/bin",
  process.platform === "win32" ? "node.exe" : "node",
);

const [script, ...scriptArguments] = process.argv.slice(2);
if (script === undefined) fail("name the script to run, for example scripts/test.ts", 2);
if (!existsSync(path.join(root, script))) fail(`there is no ${script}`, 2);

const missing = whatIsMissing();
if (missing === undefined) {
  say(`running ${script}`);
} else {
  say(`${missing}, so running npm ci first, then ${script}`);
  install();
}
run();

/** Why `npm ci` has to run, or undefined when what is installed is what the lock file names. */
function whatIsMissing() {
  const installed = packagesOf("node_modules/.package-lock.json");
  if (installed === undefined) return "the development tools are not installed";
  const locked = packagesOf("package-lock.json");
  if (locked === undefined) fail("package-lock.json is missing or not JSON", 1);
  for (const [name, entry] of Object.entries(locked)) {
    if (name === "") continue;
    const found = installed[name];
    if (found === undefined ? isNeededHere(entry) : found.version !== entry.version) {
      return `${name} is not at the locked ${entry.version}`;
    }
  }
  return existsSync(pinnedNode) ? undefined : "the pinned Node is not installed";
}

/** Binaries are locked for every platform as optional packages; one of them belongs here. */
function isNeededHere({ optional, os, cpu, libc }) {
  if (optional !== true) return true;
  if (os === undefined || cpu === undefined) return false;
  if (!os.includes(process.platform) || !cpu.includes(process.arch)) return false;
  return libc === undefined || libc.includes(libcHere());
}

function libcHere() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(path.join(root, lockFile), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function install() {
  // Neither a production environment nor `npm pack --dry-run` around us may leave the tools out.
  // Errors only: npm would warn that it is not itself run by the Node that it is about to install.
  const options = ["--include=dev", "--no-dry-run", "--loglevel=error"];
  npm(["ci", ...options]);
  if (!existsSync(pinnedNode)) {
    fail(
      "npm ci left out the pinned Node, whose install script fetches it; if your npm has " +
        "ignore-scripts on, run: npm rebuild node --ignore-scripts=false",
      1,
    );
  }
  // An npm that runs on an old Node leaves out the binaries that ask for a newer one.
  if (whatIsMissing() !== undefined) npm(["install", "--no-save", ...options], pinnedNode);
}

/** Runs npm, on the Node given or on the one it came with. */
function npm(npmArguments, node) {
  // Under `npm run` these two name the very npm in use; calling it needs no shell on any platform.
  const { npm_execpath: npmCli, npm_node_execpath: npmNode, PATH } = process.env;
  const isNpm = npmCli !== undefined && path.basename(npmCli) === "npm-cli.js";
  const env = { ...process.env };
  if (node !== undefined) env.PATH = `${path.dirname(node)}${path.delimiter}${PATH}`;
  const options = { cwd: root, env, stdio: ["ignore", 2, 2] };
  const result = isNpm
    ? spawnSync(node ?? npmNode ?? process.execPath, [npmCli, ...npmArguments], options)
    : spawnSync("npm", npmArguments, { ...options, shell: process.platform === "win32" });
  if (result.error !== undefined) fail(`npm could not be run: ${result.error.message}`, 1);
  if (result.status !== 0) fail(`npm ${npmArguments[0]} failed, see above`, 1);
}

function run() {
  const child = spawn(pinnedNode, [path.join(root, script), ...scriptArguments], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; passing it on would make it two.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on("error", (error) => fail(`${pinnedNode} could not be run: ${error.message}`, 1));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    // Die the way the child did, so that a caller sees the same.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function say(line) {
  process.stderr.write(`bootstrap: ${line}\n`);
}

function fail(line, code) {
  say(line);
  process.exit(code);
}
