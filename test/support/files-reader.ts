/**
 * A reader of a directory of files that never rests: it opens `..data` once and reads every file in it,
 * then reads one by its visible name. Ends on a line of standard input, and says as JSON what it saw.
 * Arguments: the directory, and the names of the files; each holds the number of its revision.
 */
import * as fs from "node:fs";
import { join } from "node:path";

const [directory = "", ...names] = process.argv.slice(2);
const [first = ""] = names;
const seen = { looks: 0, revisions: 0, mixed: 0, missing: 0, gone: 0, backwards: 0 };
let last = -1;

function look(): void {
  seen.looks++;
  let fd;
  try {
    fd = fs.openSync(join(directory, "..data"), fs.constants.O_RDONLY);
    fs.readFileSync(join(directory, first));
  } catch {
    // A moment without a set.
    seen.missing++;
    return;
  }
  try {
    const held = `/proc/self/fd/${fd}`;
    const contents = new Set(names.map((name) => fs.readFileSync(join(held, name), "utf8")));
    if (contents.size !== 1) seen.mixed++;
    const revision = Number([...contents][0]);
    if (revision < last) seen.backwards++;
    if (revision !== last) seen.revisions++;
    last = revision;
  } catch {
    // A reader that was slower than the grace finds the whole directory gone, and looks again.
    if (fs.existsSync(`/proc/self/fd/${fd}/${first}`)) seen.missing++;
    else seen.gone++;
  } finally {
    fs.closeSync(fd);
  }
}

let isOver = false;
process.stdin.once("data", () => (isOver = true));
process.stdout.write("ready\n");
function run(): void {
  for (let count = 0; count < 50; count++) look();
  if (!isOver) {
    setImmediate(run);
    return;
  }
  process.stdout.write(JSON.stringify(seen));
  process.stdin.destroy();
}
run();
