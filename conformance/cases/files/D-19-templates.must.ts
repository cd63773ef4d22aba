import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn, startOn } from "../../tools/verdict.ts";

const TEMPLATE = `url=postgres://u:{{ app.PASSWORD | url }}@db
json={{ app.PASSWORD | json }} base64={{app.PASSWORD|base64}}
shell={{ TOP | shell }} default={{ app.NONE | default("none") }} flat={{ app__PASSWORD }}
`;

export const cases: readonly Case[] = [
  {
    name: "render templates, again at each change",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const templates = await world.directory();
      await writeFile(path.join(templates, "db.conf"), TEMPLATE);
      await writeFile(path.join(templates, ".hidden"), "{{ NONE }}");
      const rendered = (password: string, top: string): string =>
        `url=postgres://u:${encodeURIComponent(password)}@db
json=${JSON.stringify(password)} base64=${Buffer.from(password).toString("base64")}
shell='${top}' default=none flat=${password}
`;
      const env2 = { ...env, CLEF_AGENT_FILES_TEMPLATES: templates };
      const started = await servingOn(
        world,
        pack({ TOP: "a b", app: { PASSWORD: 'p/w "1"' } }),
        env2,
      );
      equal(await textOf(folder, "db.conf"), rendered('p/w "1"', "a b"), "db.conf");
      equal(await textOf(folder, ".hidden"), undefined, ".hidden");
      const next = secretValue();
      await hold(started, pack({ TOP: "c d", app: { PASSWORD: next } }));
      await eventually(
        "it is rendered again",
        async () => (await textOf(folder, "db.conf")) === rendered(next, "c d"),
      );
    },
  },
  {
    name: "write no set with a template that names what is not there",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const templates = await world.directory();
      await writeFile(path.join(templates, "db.conf"), "{{ NONE }}");
      const { agent } = await startOn(world, pack({ KEY: secretValue() }), {
        ...env,
        CLEF_AGENT_FILES_TEMPLATES: templates,
      });
      await agent.refuses("files_not_written");
      equal(
        [await textOf(folder, "db.conf"), await textOf(folder, "KEY")],
        [undefined, undefined],
        "the files",
      );
    },
  },
];
