import { access } from "node:fs/promises";
import { tls } from "../system/https.ts";
import { certificateKey } from "./certificates.ts";
import type { TrustSettings } from "./settings.ts";
import { SYSTEM_FILES, storeOfNode } from "./system-store.ts";
import { filesIn, readNamed, readUnnamed, stateOf } from "./trust-files.ts";

/** Who is trusted, until one of the files changes. */
export interface Authorities {
  /** In PEM; undefined where Node's own roots are all there is. */
  readonly ca: readonly string[] | undefined;
}

/**
 * Whom to trust (contract, section 11), read again when one of the files changes. What it gives is the same object
 * as long as nothing changed.
 */
export class Trust {
  readonly #settings: TrustSettings;
  readonly #forAws: boolean;
  readonly #warn: (problem: string) => void;
  #current: Authorities | undefined;
  #state: string | undefined;
  #look: Promise<Authorities> | undefined;

  constructor(settings: TrustSettings, forAws: boolean, warn: (problem: string) => void) {
    this.#settings = settings;
    this.#forAws = forAws;
    this.#warn = warn;
  }

  /**
   * Looks at the files, once for all who ask meanwhile. Files that cannot be used leave those trusted
   * that were, with a warning: a half-written one is whole a moment later.
   *
   * @throws Error fit for an operator where there never were any.
   */
  now(): Promise<Authorities> {
    this.#look ??= this.#read().finally(() => (this.#look = undefined));
    return this.#look;
  }

  async #read(): Promise<Authorities> {
    const { files, awsFile, directories, only } = this.#settings;
    const named = this.#forAws && awsFile !== undefined && !only ? [...files, awsFile] : files;
    const system = only ? undefined : await systemFile();
    const unnamed = only ? [] : await filesIn(directories);
    if (system !== undefined) unnamed.push(system);
    const state = await stateOf([...named.map(({ path }) => path), ...unnamed]);
    if (this.#current !== undefined && state === this.#state) return this.#current;
    try {
      const found = await Promise.all([...named.map(readNamed), ...unnamed.map(readUnnamed)]);
      if (!only && system === undefined) found.push(storeOfNode());
      this.#current = { ca: together(found.flat(), only, named.length > 0) };
    } catch (error) {
      if (this.#current === undefined) throw error;
      this.#warn(
        `the certificates in use stay trusted: ${error instanceof Error ? error.message : "a file cannot be read"}`,
      );
    }
    this.#state = state;
    return this.#current;
  }
}

async function systemFile(): Promise<string | undefined> {
  for (const path of SYSTEM_FILES) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first one ends it, and mostly it is the first
      await access(path);
      return path;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

/**
 * Each certificate once. Where nothing is added to Node's own roots they are left to Node.js, unless a file was
 * named: it may have loaded what that held at its own start.
 */
function together(
  found: readonly string[],
  only: boolean,
  isNamed: boolean,
): readonly string[] | undefined {
  const all = new Map<string, string>();
  const roots = only ? [] : tls().rootCertificates;
  for (const pem of [...roots, ...found]) all.set(certificateKey(pem), pem);
  return all.size === roots.length && !isNamed ? undefined : [...all.values()];
}
