import { AgentError, type OperationCode } from "../errors.ts";
import { mayBeKey, privateKeyIn } from "../keys/private-key-text.ts";
import { hasInvisible, trimmed } from "../system/given-text.ts";
import {
  type FileVariableName,
  KNOWN_NAMES,
  ONE_LINE_NAMES,
  type VariableName,
} from "./variables.ts";
import { isServiceLink } from "./unknown.ts";

/** Reads a small text file; throws with a message fit for an operator. */
export type ReadTextFile = (path: string) => string;

/**
 * Reads variables one by one and gathers what is wrong with them, so that all of it can be reported
 * at once. A value counts without white space around it, and an empty one as unset (contract, section 2).
 * No message holds a value.
 */
export class EnvReader {
  readonly errors: AgentError[] = [];
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #readTextFile: ReadTextFile;

  constructor(env: Readonly<Record<string, string | undefined>>, readTextFile: ReadTextFile) {
    this.#env = env;
    this.#readTextFile = readTextFile;
  }

  text(name: VariableName | FileVariableName): string | undefined {
    const value = trimmed(this.#env[name] ?? "");
    return value === "" || isServiceLink(name, value) ? undefined : value;
  }

  isSet(name: string): boolean {
    return trimmed(this.#env[name] ?? "") !== "";
  }

  /**
   * Tells of what cannot be seen in values, where no other error names the variable. White space alone is
   * no way to unset one: a key that got lost on its way must not switch verification off.
   */
  checkUnseen(): void {
    for (const name of KNOWN_NAMES) {
      const value = this.#env[name] ?? "";
      if (this.errors.some(({ message }) => new RegExp(`${name}(?!_)`).test(message))) continue;
      if (value !== "" && trimmed(value) === "") {
        this.fail(
          "config_invalid",
          `${name} holds white space alone; write its value or remove it`,
        );
      } else if (hasInvisible(value) && ONE_LINE_NAMES.includes(name)) {
        this.fail(
          "config_invalid",
          `${name} has a line break or another invisible character inside; write it anew, on one line`,
        );
      }
    }
  }

  /**
   * Refuses a private key where something else belongs: as a path, an id or a name it would be shown in logs.
   */
  checkMisplacedKeys(): void {
    for (const name of KNOWN_NAMES) {
      // These are read as keys, with messages of their own.
      if (name === "CLEF_AGENT_AGE_KEY" || name === "CLEF_AGENT_VERIFY_KEY") continue;
      const value = this.#env[name] ?? "";
      const kind = privateKeyIn(value);
      if (kind !== undefined) {
        this.fail("config_invalid", `${name} holds ${kind}; replace the key if others saw it`);
      } else if (name === "CLEF_AGENT_SOURCE" && mayBeKey(trimmed(value))) {
        this.fail(
          "config_invalid",
          `${name} looks like a key, not like a path; if it is a file, write ./ before its name`,
        );
      }
    }
  }

  /** The value of `name`, or the trimmed contents of the file that `name_FILE` names. */
  textOrFile(name: VariableName, fileName: FileVariableName): string | undefined {
    const path = this.text(fileName);
    const direct = this.text(name);
    if (path === undefined) return direct;
    if (direct !== undefined) {
      this.conflict(name, fileName);
      return undefined;
    }
    const content = this.tryTo("config_unreadable_file", fileName, () =>
      trimmed(this.#readTextFile(path)),
    );
    if (content !== "") return content;
    this.fail("config_invalid", `${fileName} is an empty file; write the value into it`);
    return undefined;
  }

  /** A whole decimal number with nothing trailing, for which `accepts` holds. */
  integer(
    name: VariableName,
    fallback: number,
    accepts: (value: number) => boolean,
    expected: string,
  ): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (accepts(value)) return value;
    this.fail("config_invalid", `${name} must be ${expected}, in digits only`);
    return fallback;
  }

  oneOf<Choice extends string>(name: VariableName, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    const choice = choices.find((candidate) => candidate === text);
    if (text !== undefined && choice === undefined) {
      this.fail("config_invalid", `${name} must be one of ${choices.join(", ")}`);
    }
    return choice;
  }

  /** Runs `parse`; what it throws is recorded as an error of the variable `name`. */
  tryTo<Value>(code: OperationCode, name: string, parse: () => Value): Value | undefined {
    try {
      return parse();
    } catch (error) {
      this.fail(code, `${name}: ${error instanceof Error ? error.message : "cannot be read"}`);
      return undefined;
    }
  }

  conflict(one: string, other: string): void {
    this.fail("config_conflict", `${one} and ${other} are both set; keep one of them`);
  }

  fail(code: OperationCode, message: string): void {
    this.errors.push(new AgentError(code, message));
  }
}
