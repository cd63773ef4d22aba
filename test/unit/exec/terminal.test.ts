import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStat } from "../../../src/exec/proc-stat.ts";
import { type TerminalState, terminalState } from "../../../src/exec/terminal.ts";

const stat = (name: string, group: number, terminal: number, inFront: number): string =>
  `4242 (${name}) S 4241 ${group} 4000 ${terminal} ${inFront} 4194304 1 2 3 4\n`;

function readTerminalState(text: string): TerminalState | undefined {
  const parsed = parseStat(text);
  return parsed === undefined ? undefined : terminalState(parsed);
}

test("a process whose group is the one in front of its terminal is in the foreground", () => {
  assert.deepEqual(readTerminalState(stat("node", 4242, 34816, 4242)), {
    attached: true,
    foreground: true,
  });
});

test("a job in the background has a terminal, and is not in front of it", () => {
  assert.deepEqual(readTerminalState(stat("node", 4242, 34816, 4000)), {
    attached: true,
    foreground: false,
  });
});

test("a service has no terminal", () => {
  assert.deepEqual(readTerminalState(stat("node", 4242, 0, -1)), {
    attached: false,
    foreground: false,
  });
});

test("brackets and spaces in the program's name are not taken for fields", () => {
  assert.deepEqual(readTerminalState(stat("a) S 1 2 (b", 4242, 34816, 4242)), {
    attached: true,
    foreground: true,
  });
});

test("what is no such line says nothing", () => {
  assert.equal(readTerminalState(""), undefined);
  assert.equal(readTerminalState("4242 (node) S 4241"), undefined);
});
