/**
 * Every order of events that a small alphabet allows, on the real code of custody and freshness; see
 * docs/reliability.md.
 *
 *   npm run explore                                both modes, from the start and from secrets served
 *   npm run explore -- --depth 6 --mode cached     deeper
 *   npm run explore -- --depth 3 --no-merge        every path for itself, none taken for another
 */
import { parseArgs } from "node:util";
import { BEGINNINGS } from "../test/support/explore/events.ts";
import { explore } from "../test/support/explore/explore.ts";
import { MODES } from "../test/support/explore/life.ts";
import { runScript } from "./run.ts";

function oneOf<Name extends string>(option: string, name: string, names: readonly Name[]): Name {
  const found = names.find((each) => each === name);
  if (found === undefined) throw new Error(`--${option} is one of ${names.join(", ")}`);
  return found;
}

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table) as Key[];

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      depth: { type: "string", default: "4" },
      mode: { type: "string", multiple: true, default: Object.keys(MODES) },
      from: { type: "string", multiple: true, default: ["start", "served"] },
      "no-merge": { type: "boolean", default: false },
    },
  });
  const depth = Number(values.depth);
  if (!Number.isInteger(depth) || depth < 1) throw new Error("--depth is a whole number from 1 on");
  for (const mode of values.mode.map((name) => oneOf("mode", name, keysOf(MODES)))) {
    for (const from of values.from.map((name) => oneOf("from", name, keysOf(BEGINNINGS)))) {
      const startedAt = performance.now();
      const options = { mode, from, depth, merges: !values["no-merge"] };
      await explore(options, (level, { states, transitions }) => {
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        console.log(
          `${mode} from ${from}, depth ${level}: ${states} states, ${transitions} transitions, ${seconds} s`,
        );
      });
    }
  }
});
