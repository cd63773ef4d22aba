import { invalid } from "./invalid.ts";

/**
 * Reads YAML into maps in their order, with anchors, aliases and merge keys. All scalars stay the text that
 * they are, so that `PORT: 5432` is "5432" and `ON: yes` is "yes".
 *
 * @throws AgentError `input_invalid`, whatever is wrong with the text.
 */
export async function readYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  const lineOf = (at: number): number => text.slice(0, at).split("\n").length;
  let document;
  try {
    document = parseDocument(text, { schema: "failsafe", merge: true, prettyErrors: false });
  } catch {
    throw invalid("it is not YAML that can be read");
  }
  const [error] = document.errors;
  if (error !== undefined) {
    throw invalid(`it is not valid YAML (${error.code}, line ${lineOf(error.pos[0])})`);
  }
  const tagged = document.warnings.find(({ code }) => code === "TAG_RESOLVE_FAILED");
  if (tagged !== undefined) {
    throw invalid(
      `line ${lineOf(tagged.pos[0])} has a value with a tag (!…), which says that it is no plain text; write it without the tag, as the text that it is to be`,
    );
  }
  try {
    return document.toJS({ mapAsMap: true });
  } catch {
    throw invalid(
      "its aliases (*name) cannot be followed: each needs its anchor (&name) before it, a merge key (<<) needs a map, and together they must not make more than a hundred times the text",
    );
  }
}
