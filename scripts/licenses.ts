/** The licences of the packages that a bundle contains, as one text. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Metafile } from "esbuild";
import { ROOT } from "./run.ts";

/**
 * Throws if a bundled package has no licence text: it could not be passed on. A package that ships
 * none gets the text of its neighbour in the same scope, if that is under the same licence, or else
 * what its README says.
 */
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
  const texts = await licenceFiles(folder, stringField(manifest, "license"));
  const contents =
    texts.length > 0
      ? await Promise.all(texts.map(async (file) => readFile(file, "utf8")))
      : await licenceInReadme(directory);
  if (contents.length === 0) throw new Error(`${folder} is bundled, but it has no licence text`);
  const title = ["name", "version", "license"].map((field) => stringField(manifest, field));
  return [
    "-".repeat(80),
    title.join(" "),
    "",
    ...contents.map((text) => text.replaceAll("\r\n", "\n").trim() + "\n"),
  ].join("\n");
}

/** The files of a package that hold its licence, or those of a neighbour. */
async function licenceFiles(folder: string, licence: string): Promise<readonly string[]> {
  const own = await licenceFilesIn(path.join(ROOT, folder));
  const scope = path.dirname(folder);
  if (own.length > 0 || !path.basename(scope).startsWith("@")) return own;
  const neighbours = await Promise.all(
    (await readdir(path.join(ROOT, scope))).toSorted().map(async (name) => {
      const neighbour = path.join(ROOT, scope, name);
      const manifest: unknown = JSON.parse(
        await readFile(path.join(neighbour, "package.json"), "utf8"),
      );
      return { licence: stringField(manifest, "license"), files: await licenceFilesIn(neighbour) };
    }),
  );
  const fitting = neighbours.find((one) => one.licence === licence && one.files.length > 0);
  return fitting?.files ?? [];
}

/** The last section of a README, if it is the licence in full. */
async function licenceInReadme(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => /^readme\.md$/i.test(name));
  const texts = await Promise.all(
    names.map((name) => readFile(path.join(directory, name), "utf8")),
  );
  return texts
    .map((text) => text.slice(text.search(/^#* ?licen[cs]e$/im)))
    .filter((text) => text.includes("Permission is hereby granted"));
}

async function licenceFilesIn(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  return names.toSorted().map((name) => path.join(directory, name));
}

function stringField(manifest: unknown, field: string): string {
  const value: unknown =
    typeof manifest === "object" && manifest !== null
      ? new Map<string, unknown>(Object.entries(manifest)).get(field)
      : undefined;
  return typeof value === "string" ? value : "";
}
