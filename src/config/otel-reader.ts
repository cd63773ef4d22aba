/**
 * Reads variables the way OpenTelemetry asks of its users' programs: an empty value counts as unset,
 * and what cannot be understood is warned of and left out. No warning holds a value.
 */
export class OtelReader {
  readonly warnings: string[] = [];
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  text(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === "" ? undefined : value;
  }

  /** The name of the signal's own variable where it is set, otherwise that of the one for all. */
  forSignal(signal: string, what: string): string {
    const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`;
    return this.text(own) === undefined ? `OTEL_EXPORTER_OTLP_${what}` : own;
  }

  boolean(name: string): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text !== undefined && text !== "true" && text !== "false") {
      this.warn(`${name} is neither true nor false and counts as false`);
    }
    return text === "true";
  }

  /** A whole number from 1 up. */
  positive(name: string, unit: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
    this.warn(`${name} is ignored: it is not a whole number of ${unit} from 1 up`);
    return undefined;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name)?.toLowerCase();
    const choice = choices.find((candidate) => candidate === text);
    if (text !== undefined && choice === undefined) {
      this.warn(`${name} is ignored: it is none of ${choices.join(", ")}`);
    }
    return choice;
  }

  /** Runs `parse`; what it throws becomes a warning of the variable `name`. */
  tryTo<Value>(name: string, parse: () => Value): Value | undefined {
    try {
      return parse();
    } catch (error) {
      this.warn(`${name} is ignored: ${error instanceof Error ? error.message : "unreadable"}`);
      return undefined;
    }
  }

  warn(text: string): void {
    // Both signals read what is meant for both.
    if (!this.warnings.includes(text)) this.warnings.push(text);
  }
}
