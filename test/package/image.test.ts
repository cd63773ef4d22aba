import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { VERSION } from "../../src/version.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { blackBox } from "../support/package/black-box.ts";
import { Image, whyNoImage } from "../support/package/image.ts";
import { releaseAll } from "../support/temporary.ts";

const skip = await whyNoImage();
let image: Image;
const cleanUp: (() => unknown)[] = [];
before(async () => {
  if (skip === undefined) image = await Image.build({ after: (fn) => void cleanUp.push(fn) });
});
after(() => releaseAll(cleanUp));

let volume = "/tmp";
blackBox(
  {
    name: "image",
    command: () => image.command(volume),
    folder: async (t: TestContext) => {
      const folder = await image.volume(t);
      volume = folder.path;
      t.after(() => (volume = "/tmp"));
      return folder;
    },
  },
  { skip },
);

test(
  "the image runs as nobody in particular, and is probed by the program itself",
  { skip },
  () => {
    const { config } = image;
    assert.equal(config.User, "65532:65532");
    assert.deepEqual(config.Entrypoint, ["clef-agent"]);
    assert.deepEqual(config.Cmd, ["run"]);
    assert.equal(config.StopSignal, "SIGTERM");
    assert.deepEqual(config.Healthcheck.Test, ["CMD", "clef-agent", "healthcheck"]);
    assert.equal(config.Labels["org.opencontainers.image.version"], VERSION);
    assert.equal(config.Labels["org.opencontainers.image.licenses"], "MIT");
    assert.match(
      config.Labels["org.opencontainers.image.revision"] ?? "",
      /^(?:[0-9a-f]{40}|unknown)$/,
    );
  },
);

test("the image's agent cannot write to its root", { skip }, async (t) => {
  const { path: folder } = await image.volume(t);
  const env = { CLEF_AGENT_SOURCE: "/x", CLEF_AGENT_TOKEN: undefined };
  const agent = AgentProcess.start(
    t,
    { ...env, CLEF_AGENT_TOKEN_FILE: "/tmp/token" },
    ["run"],
    image.command(folder),
  );
  assert.deepEqual(await agent.ended(), { code: 1, signal: null });
  assert.match(agent.stderr, /CLEF_AGENT_TOKEN_FILE: the file cannot be written \(EROFS\)/);
});
