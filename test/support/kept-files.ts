import { type FilesConfig, readFiles } from "../../src/config/files.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { type Files, openFiles } from "../../src/files/open.ts";
import { SetRecords } from "../../src/files/record.ts";
import { EnvReader } from "../../src/config/env-reader.ts";
import { type CustodyOptions, TTL_MS } from "./custody.ts";
import { pack, type PackOptions } from "./artifacts.ts";
import { type Refreshing, refreshing } from "./refreshing.ts";
import type { Lifetime } from "./temporary.ts";

const RECORDS: SetRecords = new SetRecords(["AGE-SECRET-KEY-1"], "scripted");

export interface KeptFiles extends Refreshing {
  readonly files: Files;
  /** The source holds these secrets from now on, and the agent has looked. */
  serves(secrets: unknown, options?: PackOptions): Promise<void>;
  /** The source holds this from now on, and the agent has looked. */
  holds(text: string): Promise<void>;
}

export interface KeptFilesOptions extends Pick<CustodyOptions, "clock"> {
  /** Beside CLEF_AGENT_FILES_DIR. */
  readonly env?: Readonly<Record<string, string>>;
  readonly records?: SetRecords;
  readonly atEnd?: "remove" | "leave";
}

/** The files of an agent without its server, on a clock that the test moves. They end with the test. */
export async function keptFiles(
  context: Lifetime,
  directory: string,
  { env = {}, records = RECORDS, atEnd = "remove", ...options }: KeptFilesOptions = {},
): Promise<KeptFiles> {
  const parts = refreshing(context, options);
  const { changes, store, custody, refresher, clock, recorded, source, look } = parts;
  const { log } = recorded;
  const feed = createFeed({ mode: "cached", changes, store, custody, refresher, clock, log });
  const config = filesConfig(directory, env);
  const files = await openFiles({ feed, clock, log, config, records, ttlMs: TTL_MS, atEnd });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= files.stop());
  context.after(stop);
  const holds = async (text: string): Promise<void> => {
    source.holds(text);
    await look();
  };
  return {
    ...parts,
    files: { ...files, stop },
    holds,
    async serves(secrets, packing = {}) {
      await holds(await pack({ secrets, nowMs: clock.now().wallMs, ...packing }));
    },
  };
}

function filesConfig(directory: string, env: Readonly<Record<string, string>>): FilesConfig {
  const reader = new EnvReader({ CLEF_AGENT_FILES_DIR: directory, ...env }, () => "");
  const config = readFiles(reader);
  if (config === undefined) throw new Error("no files are configured");
  return config;
}
