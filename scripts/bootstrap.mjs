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
  for (const [name, { version, optional }] of Object.entries(locked)) {
    if (name === "") continue;
    const found = installed[name];
    // Binaries for other platforms are optional, locked, and rightly not installed.
    if (found === undefined ? optional !== true : found.version !== version) {
      return `${name} is not the locked ${version}`;
    }
  }
  return existsSync(pinnedNode) ? undefined : "the pinned Node is not installed";
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(path.join(root, lockFile), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function install() {
  // Under `npm run` these two name the very npm in use; calling it needs no shell on any platform.
  const { npm_execpath: npmCli, npm_node_execpath: npmNode } = process.env;
  const isNpm = npmCli !== undefined && path.basename(npmCli) === "npm-cli.js";
  // Neither a production environment nor `npm pack --dry-run` around us may leave the tools out.
  // Errors only: npm would warn that it is not itself run by the Node that we are about to install.
  const npmArguments = ["ci", "--include=dev", "--no-dry-run", "--loglevel=error"];
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const result = isNpm
    ? spawnSync(npmNode ?? process.execPath, [npmCli, ...npmArguments], options)
    : spawnSync("npm", npmArguments, { ...options, shell: process.platform === "win32" });
  if (result.error !== undefined) fail(`npm could not be run: ${result.error.message}`, 1);
  if (result.status !== 0) fail("npm ci failed, see above", 1);
  if (!existsSync(pinnedNode)) {
    fail(
      "npm ci left out the pinned Node, whose install script fetches it; if your npm has " +
        "ignore-scripts on, run: npm rebuild node --ignore-scripts=false",
      1,
    );
  }
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
