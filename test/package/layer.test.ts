import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { HOST } from "../../scripts/binary/targets.ts";
import { layerFiles, layerOf } from "../../scripts/build-layer.ts";
import { runCommand } from "../../scripts/run.ts";
import { blackBox, localFolder } from "../support/package/black-box.ts";

const skip = HOST.startsWith("linux-")
  ? await runCommand("unzip", ["-v"]).then(
      () => undefined,
      () => "unzip is not installed",
    )
  : `there is no layer for ${HOST}`;

/** What Lambda unpacks to /opt. */
let opt = "";
before(async () => {
  if (skip !== undefined) return;
  opt = await mkdtemp(join(tmpdir(), "clef-agent-layer-"));
  const layer = join(opt, "layer.zip");
  await writeFile(layer, await layerOf(await layerFiles(HOST)));
  await runCommand("unzip", ["-q", layer, "-d", opt]);
});
after(async () => {
  if (opt !== "") await rm(opt, { recursive: true });
});

// Without Lambda's API around it, the extension is the agent as it is everywhere.
blackBox(
  { name: "layer", command: () => [join(opt, "extensions/clef-agent")], folder: localFolder },
  { skip },
);
