import { parseSync } from "oxc-parser";
import { textOf } from "./docs-markdown.ts";

const FILE = "src/telemetry/events.ts";

/** The fields of every event, read from the union of types that the source declares. */
export function eventFields(): ReadonlyMap<string, readonly string[]> {
  const { program } = parseSync(FILE, textOf(FILE));
  const union = program.body
    .map((statement) =>
      statement.type === "ExportNamedDeclaration" ? statement.declaration : null,
    )
    .find(
      (declared) =>
        declared?.type === "TSTypeAliasDeclaration" && declared.id.name === "AgentEvent",
    );
  if (union?.type !== "TSTypeAliasDeclaration" || union.typeAnnotation.type !== "TSUnionType") {
    throw new Error(`${FILE} no longer declares AgentEvent as a union`);
  }
  return new Map(
    union.typeAnnotation.types.map((type) => {
      if (type.type !== "TSTypeLiteral") throw new Error(`an event of ${FILE} is no object type`);
      const members = type.members.map((member) => {
        if (member.type !== "TSPropertySignature" || member.key.type !== "Identifier") {
          throw new Error(`a field of an event in ${FILE} has no plain name`);
        }
        const value = member.typeAnnotation?.typeAnnotation;
        const literal = value?.type === "TSLiteralType" ? value.literal : undefined;
        const text = literal?.type === "Literal" ? String(literal.value) : undefined;
        return { name: member.key.name, text };
      });
      const name = members.find((member) => member.name === "name")?.text ?? "";
      return [name, members.map((member) => member.name).filter((field) => field !== "name")];
    }),
  );
}
