/** What `npm run test:long` sets, where time is no matter. */
const IS_LONG = process.env["CLEF_TEST_RUNS"] === "all";

/** How many random inputs a property is tried with: all of them in `npm run test:long`, else a fifth. */
export function runs(all: number): number {
  return IS_LONG ? all : Math.ceil(all / 5);
}
