import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "./interop.ts";

/** Where every recipe of docs/files.md has its files. */
export const RECIPE_DIRECTORY = "/run/app-secrets";
export const EXAMPLE: string = join(ROOT, "examples/files");

/** The files of the recipes in which an agent is configured, and how they name its variables. */
export const CONFIGURED = ["pod.yaml", "job.yaml", "compose.yaml", "task-definition.json"] as const;
const OTHERS = [
  "deploy/files/nginx.conf",
  "deploy/files/clef-agent.service.d.conf",
  "examples/files/application.properties",
  "examples/files/settings.py",
] as const;

type Variable = { readonly name: string; readonly value: string };

function isVariable(value: unknown): value is Variable {
  return typeof value === "object" && value !== null && "name" in value && "value" in value;
}

/** Every CLEF_AGENT_… variable that a file sets, wherever it does. */
export function variablesIn(file: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const look = (value: unknown): void => {
    if (isVariable(value)) found[value.name] = value.value;
    if (typeof value !== "object" || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === "string") found[name] = inner;
      else look(inner);
    }
  };
  look(parse(readFileSync(join(ROOT, "deploy/files", file), "utf8")));
  return Object.fromEntries(
    Object.entries(found).filter(([name]) => name.startsWith("CLEF_AGENT_")),
  );
}

/** Every path below the directory of files that the recipes lead a program to. */
export function pathsInRecipes(): readonly string[] {
  const files = [...CONFIGURED.map((file) => `deploy/files/${file}`), ...OTHERS];
  return files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/\/run\/app-secrets\/([\w./-]+)/g)].map(([, path = ""]) => path);
  });
}
