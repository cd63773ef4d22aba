/**
 * Writes the bill of materials of what is shipped, in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/):
 * dist/clef-agent.cdx.json. It names what is inside of the bundle, and the Node.js inside of the
 * executable; no development tool, none of which is shipped. The same dist/ gives the same bytes.
 *
 *   npm run build:sbom
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { VERSION } from "../src/version.ts";
import { NODE_VERSION, TARGETS } from "./binary/targets.ts";
import { build } from "./build.ts";
import { ROOT } from "./run.ts";

const FILE: string = path.join(ROOT, "dist/clef-agent.cdx.json");

export interface Component {
  readonly type: "application" | "library" | "platform";
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** The bill, from the licences in dist/ and the hashes in the lock file. */
export async function billOfMaterials(): Promise<{ readonly components: readonly Component[] }> {
  const licences = await readFile(path.join(ROOT, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  const lock = JSON.parse(await readFile(path.join(ROOT, "package-lock.json"), "utf8")) as Lock;
  const hashes = new Map<string, string>();
  for (const [place, { version = "", integrity }] of Object.entries(lock.packages)) {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    if (integrity !== undefined) hashes.set(`${name}@${version}`, integrity);
  }
  // Each section begins with a line of dashes, then name, version and licence.
  const titles = [...licences.matchAll(/^-{80}\n(\S+) (\S+) (\S+)$/gm)];
  const libraries = titles.map(([, name = "", version = "", licence = ""]): Component => {
    const integrity = hashes.get(`${name}@${version}`);
    if (integrity === undefined) throw new Error(`${name} ${version} is not in the lock file`);
    return {
      type: "library",
      name,
      version,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      licenses: [{ license: { id: licence } }],
      hashes: [{ alg: "SHA-512", content: hex(integrity) }],
    };
  });
  return { components: [...libraries, nodejs()] };
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly integrity?: string }>
  >;
}

/** Its sum is another one on each platform, all of which are in scripts/binary/targets.ts. */
function nodejs(): Component {
  return {
    type: "platform",
    name: "node",
    version: NODE_VERSION,
    hashes: TARGETS.map(({ sha256 }) => ({ alg: "SHA-256", content: sha256 })),
  };
}

/** The hash of an integrity string such as `sha512-…` (W3C Subresource Integrity). */
function hex(integrity: string): string {
  return Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
}

if (import.meta.main) {
  await build();
  const agent: Component = {
    type: "application",
    name: "@clef-sh/agent",
    version: VERSION,
    purl: `pkg:npm/%40clef-sh/agent@${VERSION}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: agent },
    ...(await billOfMaterials()),
  };
  await writeFile(FILE, `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`${bill.components.length} components  ${path.relative(ROOT, FILE)}`);
}
