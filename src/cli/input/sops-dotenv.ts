import { invalid } from "./invalid.ts";

/**
 * Reads what sops writes as dotenv, as sops itself reads it: everything after the first `=` of a line is the
 * value, without quotes or comments, and `\n` in it is a newline.
 *
 * @throws AgentError `input_invalid` with the number of the line.
 */
export function readSopsDotenv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const name = line.slice(0, Math.max(equals, 0));
    const at = `line ${index + 1}`;
    if (equals === -1) throw invalid(`${at} has no =; sops writes a secret a line, as NAME=value`);
    if (name === "" || name !== name.trim()) {
      throw invalid(`${at} has no name before its =, or white space around it`);
    }
    if (values.has(name))
      throw invalid(`${at} has a name that is there already; keep one of the two`);
    values.set(name, line.slice(equals + 1).replaceAll("\\n", "\n"));
  }
  return values;
}
