/** The licences of the packages that a bundle contains, as one text. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Metafile } from "esbuild";
import { ROOT } from "./run.ts";

/** Throws if a bundled package comes without a licence text: it could not be passed on. */
export async function thirdPartyLicenses(metafile: Metafile): Promise<string> {
  const folders = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const input of Object.keys(output.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder !== undefined) folders.add(folder);
    }
  }
  const sections = await Promise.all([...folders].toSorted().map(section));
  return ["The files of clef-agent contain the packages named below.", "", ...sections].join("\n");
}

async function section(folder: string): Promise<string> {
  const directory = path.join(ROOT, folder);
  const manifest: unknown = JSON.parse(
    await readFile(path.join(directory, "package.json"), "utf8"),
  );
  const texts = (await readdir(directory)).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  if (texts.length === 0) throw new Error(`${folder} is bundled, but it has no licence file`);
  const contents = await Promise.all(
    texts.toSorted().map(async (name) => readFile(path.join(directory, name), "utf8")),
  );
  const title = ["name", "version", "license"].map((field) => stringField(manifest, field));
  return [
    "-".repeat(80),
    title.join(" "),
    "",
    ...contents.map((text) => text.replaceAll("\r\n", "\n").trim() + "\n"),
  ].join("\n");
}

function stringField(manifest: unknown, field: string): string {
  const value: unknown =
    typeof manifest === "object" && manifest !== null
      ? new Map<string, unknown>(Object.entries(manifest)).get(field)
      : undefined;
  return typeof value === "string" ? value : "";
}
