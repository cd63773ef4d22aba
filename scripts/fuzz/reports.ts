import { writeSync } from "node:fs";

/** What the process of a target tells the one that started it. */
export type Report =
  | {
      readonly kind: "fault";
      /** A character for each byte. */
      readonly input: string;
      readonly fault: string;
    }
  | {
      readonly kind: "end";
      readonly runs: number;
      /** Seconds of processor time. */
      readonly cpuSeconds: number;
      /** The branches that were taken. */
      readonly taken: readonly number[];
      /** Few inputs that take every branch that was taken. */
      readonly corpus: readonly string[];
    };

/** The descriptor of the reports: a pipe, into which a line is whole before the process goes on, or ends. */
export const REPORTS_FD = 3;

/** The exit code after an error that nobody caught, which was reported. */
export const UNCAUGHT_CODE = 70;

export function report(told: Report): void {
  const bytes = Buffer.from(`${JSON.stringify(told)}\n`);
  for (let at = 0; at < bytes.length;) at += writeSync(REPORTS_FD, bytes, at);
}

export function parseReport(line: string): Report {
  return JSON.parse(line) as Report;
}
