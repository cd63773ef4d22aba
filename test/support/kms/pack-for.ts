import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { clef, type CommandResult } from "../cli.ts";
import { temporaryDirectory } from "../temporary.ts";
import type { FakeKms } from "./fake-kms.ts";

/** Runs `pack` of the built agent for the service identity `api`, with the key of a KMS. */
export function packFor(
  fake: FakeKms,
  secrets: object,
  more: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const whom = ["--identity", "api", "--environment", "production"];
  const key = ["--kms", fake.provider, "--kms-key", fake.keyName];
  const stdin = JSON.stringify(secrets);
  return clef(["pack", ...whom, ...key, ...more], { stdin, env: { ...fake.env, ...env } });
}

/** @returns the file that it wrote. */
export async function packedFor(
  context: Pick<TestContext, "after">,
  fake: FakeKms,
  secrets: object,
  more: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const file = join(await temporaryDirectory(context), "artifact.json");
  const { code, stderr } = await packFor(fake, secrets, ["--out", file, ...more], env);
  assert.equal(code, 0, stderr);
  return file;
}
