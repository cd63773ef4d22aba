import { readFileSync, writeFileSync } from "node:fs";

/** What the process of a target is to do. */
export interface Orders {
  /** Branches that are counted. */
  readonly places: number;
  readonly seconds: number;
  /** At most so many inputs. */
  readonly runs: number;
  readonly seed: number;
  /** The inputs to begin with, a character for each byte. */
  readonly corpus: readonly string[];
  /** The file of the board. */
  readonly board: string;
}

export function writeOrders(file: string, orders: Orders): void {
  writeFileSync(file, JSON.stringify(orders));
}

/** The orders of this process: its one argument names their file. */
export function readOrders(): Orders {
  return JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Orders;
}
