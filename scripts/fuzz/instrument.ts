import { parseSync } from "oxc-parser";

/** What the instrumented code counts in; the loop reads it. */
const COUNTERS = "globalThis.__counters";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;

/**
 * TypeScript in which every branch counts how often it was taken: the bodies of functions and loops, both
 * sides of conditions, the right side of logical operators, the cases of a switch and what catches.
 *
 * @param next - gives a place in the code a number of its own.
 */
export function instrument(file: string, code: string, next: (at: number) => number): string {
  const { program } = parseSync(file, code);
  /** Text by place; what closes comes before what opens there. */
  const opens = new Map<number, string>();
  const closes = new Map<number, string>();
  const count = ({ start }: Node): string => `__c[${next(start)}]++`;
  const open = (at: number, text: string): void => {
    opens.set(at, (opens.get(at) ?? "") + text);
  };
  const close = (at: number, text: string): void => {
    closes.set(at, text + (closes.get(at) ?? ""));
  };
  const statement = (node: Node): void => {
    if (node.type === "BlockStatement" || node.type === "FunctionBody") {
      open(node.start + 1, `${count(node)};`);
    } else {
      open(node.start, `{${count(node)};`);
      close(node.end, "}");
    }
  };
  const expression = (node: Node): void => {
    open(node.start, `(${count(node)},`);
    close(node.end, ")");
  };
  const visit = (node: Node): void => {
    for (const [field, rule] of Object.entries(BRANCHES[node.type] ?? {})) {
      const branch = node[field];
      if (!isNode(branch)) continue;
      const isBlock = branch.type === "BlockStatement" || branch.type === "FunctionBody";
      if (rule === "statement" || isBlock) statement(branch);
      else expression(branch);
    }
    if (node.type === "SwitchCase") {
      const [first] = node["consequent"] as readonly Node[];
      if (first !== undefined) open(first.start, `${count(first)};`);
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child);
    }
  };
  visit(program as unknown as Node);
  const places = [...new Set([...opens.keys(), ...closes.keys()])].toSorted((a, b) => a - b);
  let at = 0;
  let text = `const __c = ${COUNTERS};`;
  for (const place of places) {
    text += code.slice(at, place) + (closes.get(place) ?? "") + (opens.get(place) ?? "");
    at = place;
  }
  return text + code.slice(at);
}

/** Which children of a node are branches. */
const BRANCHES: Readonly<Record<string, Readonly<Record<string, "statement" | "expression">>>> = {
  FunctionDeclaration: { body: "statement" },
  FunctionExpression: { body: "statement" },
  ArrowFunctionExpression: { body: "expression" },
  IfStatement: { consequent: "statement", alternate: "statement" },
  ForStatement: { body: "statement" },
  ForOfStatement: { body: "statement" },
  WhileStatement: { body: "statement" },
  DoWhileStatement: { body: "statement" },
  CatchClause: { body: "statement" },
  ConditionalExpression: { consequent: "expression", alternate: "expression" },
  LogicalExpression: { right: "expression" },
};
