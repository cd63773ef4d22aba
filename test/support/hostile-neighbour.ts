/**
 * A process that shares the agent's directory and works against it until it is killed: it puts links to a
 * place outside where the agent's links, files and directories were, and directories where files were.
 * Arguments: the directory, a place outside of it with `victim/` and `file`.
 */
import * as fs from "node:fs";
import { join } from "node:path";

const [directory = "", outside = ""] = process.argv.slice(2);
const pick = <Item>(items: readonly Item[]): Item | undefined =>
  items[Math.floor(Math.random() * items.length)];

/** Something in the directory, at any depth but beyond the agent's own. */
function target(): string {
  let path = directory;
  for (let depth = 0; depth < 3; depth++) {
    const name = pick(fs.readdirSync(path));
    if (name === undefined || name.startsWith("hostile")) return join(path, "A");
    path = join(path, name);
    if (Math.random() < 0.4 || !fs.lstatSync(path).isDirectory()) break;
  }
  return path;
}

let count = 0;
const aside = (path: string): void =>
  fs.renameSync(path, join(directory, `hostile-${count++ % 50}-${Math.random()}`));

const attacks: readonly ((path: string) => void)[] = [
  (path) => {
    aside(path);
    fs.symlinkSync(join(outside, "victim"), path);
  },
  (path) => {
    fs.rmSync(path, { recursive: true, force: true });
    fs.symlinkSync(join(outside, "file"), path);
  },
  (path) => {
    fs.rmSync(path, { recursive: true, force: true });
    fs.linkSync(join(outside, "file"), path);
  },
  (path) => {
    aside(path);
    fs.mkdirSync(path);
    fs.symlinkSync(outside, join(path, "app"));
    fs.linkSync(join(outside, "file"), join(path, "A"));
  },
  // Back and forth, to be another thing between two looks.
  (path) => {
    const away = join(directory, `hostile-swap-${count++}`);
    for (let round = 0; round < 20; round++) {
      fs.renameSync(path, away);
      fs.symlinkSync(join(outside, "victim"), path);
      fs.unlinkSync(path);
      fs.renameSync(away, path);
    }
  },
  (path) => fs.rmSync(path, { recursive: true, force: true }),
  () => {
    const data = join(directory, "..data");
    fs.rmSync(data, { recursive: true, force: true });
    const own = pick(fs.readdirSync(directory).filter((name) => name.startsWith("..clef-")));
    fs.symlinkSync(pick([outside, own ?? "", "..clef-00000000000000aa"]) ?? "", data);
  },
  // Now and then the agent must get through, or it does nothing that could go wrong.
  () => {
    for (const name of fs.readdirSync(directory)) {
      if (!name.startsWith("..clef-")) {
        fs.rmSync(join(directory, name), { recursive: true, force: true });
      }
    }
  },
];

process.stdout.write("ready\n");
for (;;) {
  try {
    pick(attacks)?.(target());
  } catch {
    // The agent was faster.
  }
}
