import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chown, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { parse } from "yaml";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "../support/artifacts.ts";
import { Engine, whyNoDocker } from "../support/containers/engine.ts";
import { deployFile } from "../support/deployments.ts";
import { rememberSecret } from "../support/known-secrets.ts";
import { buildTestImage, loadTestImage, whyNoImage } from "../support/package/image.ts";
import { VERSION } from "../../src/version.ts";
import { eventually, releaseAll, temporaryDirectory } from "../support/temporary.ts";

const skip = whyNoDocker() ?? false;
const TOKEN = rememberSecret("a-token-for-the-container");
const USER = 65532;

let engine: Engine;
/** By what has built it. Each test but the first takes one of them. */
const images = { docker: "", buildah: "" };
const cleanUp: (() => unknown)[] = [];

/** A folder with an artifact, a key and a token, as the image's user may read them. */
async function mounted(t: TestContext): Promise<string> {
  const folder = await temporaryDirectory(t);
  await writeFile(path.join(folder, "artifact.json"), await pack({ signed: true }));
  await writeFile(path.join(folder, "age.key"), AGE_IDENTITY, { mode: 0o400 });
  await writeFile(path.join(folder, "token"), TOKEN, { mode: 0o400 });
  for (const name of ["", "artifact.json", "age.key", "token"]) {
    await chown(path.join(folder, name), USER, USER);
  }
  return folder;
}

/** An agent in a container as hardened as can be. */
async function start(
  t: TestContext,
  name: string,
  image: string,
  ...more: readonly string[]
): Promise<string> {
  const folder = await mounted(t);
  const env = {
    CLEF_AGENT_SOURCE: "/srv/artifact.json",
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    CLEF_AGENT_AGE_KEY_FILE: "/srv/age.key",
    CLEF_AGENT_TOKEN_FILE: "/srv/token",
  };
  const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const hardened = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
  const rest = ["--network=none", "--memory=64m", "--volume", `${folder}:/srv:ro`];
  const options = [...hardened, ...rest, ...variables, ...more];
  engine.does("run", "--detach", "--name", name, ...options, image);
  t.after(() => engine.docker("rm", "--force", name));
  await eventually("it serves", () => engine.ask(name, "/v1/ready").includes("true"), 20_000);
  return folder;
}

describe("Docker", { skip }, () => {
  before(async () => {
    const lifetime = { after: (release: () => unknown) => cleanUp.push(release) };
    engine = await Engine.start(lifetime);
    images.docker = await buildTestImage(lifetime, engine);
    if ((await whyNoImage()) === undefined) images.buildah = await loadTestImage(lifetime, engine);
  });
  after(() => releaseAll(cleanUp));

  for (const builder of ["docker", "buildah"] as const) {
    test(`runs the image that ${builder} has built without capabilities, with a root that is read-only, in 64 MiB`, async (t) => {
      if (images[builder] === "") {
        t.skip(await whyNoImage());
        return;
      }
      const folder = await start(t, "agent", images[builder]);
      assert.match(engine.ask("agent", "/v1/secrets/KEY", TOKEN), /"value":"value"/);
      await writeFile(
        path.join(folder, "new"),
        await pack({ signed: true, secrets: { KEY: "next" } }),
      );
      await rename(path.join(folder, "new"), path.join(folder, "artifact.json"));
      await eventually("the new secret", () =>
        engine.ask("agent", "/v1/secrets/KEY", TOKEN).includes("next"),
      );
      const memory = engine.does("stats", "--no-stream", "--format", "{{.MemUsage}}", "agent");
      t.diagnostic(`memory ${memory}`);
      assert.equal(engine.inspect("agent", ".State.OOMKilled"), "false");
      assert.equal(engine.inspect("agent", ".HostConfig.ReadonlyRootfs"), "true");
      const status = spawnSync("cat", [`/proc/${engine.inspect("agent", ".State.Pid")}/status`], {
        encoding: "utf8",
      });
      assert.match(status.stdout, /^CapBnd:\t0+$/m);
      assert.match(status.stdout, /^Seccomp:\t2$/m, "the engine's filter of system calls");
      assert.match(status.stdout, /^Uid:\t65532/m);
    });
  }

  test("asks the image's own health check, by its own timer", async (t) => {
    await start(
      t,
      "healthy",
      images.buildah || images.docker,
      "--health-interval=1s",
      "--health-timeout=1s",
      "--health-retries=1",
    );
    const becomes = (status: string): Promise<unknown> =>
      eventually(
        `it is ${status}`,
        () => engine.inspect("healthy", ".State.Health.Status") === status,
        20_000,
      );
    await becomes("healthy");
    process.kill(Number(engine.inspect("healthy", ".State.Pid")), "SIGSTOP");
    await becomes("unhealthy");
    process.kill(Number(engine.inspect("healthy", ".State.Pid")), "SIGCONT");
    await becomes("healthy");
  });

  test("lets another container ask it over a shared network", async (t) => {
    await start(t, "shared", images.docker);
    const asked = engine.docker(
      "run",
      "--rm",
      "--network=container:shared",
      images.docker,
      "healthcheck",
      "ready",
    );
    assert.deepEqual([asked.status, asked.stdout], [0, '{"ready":true}\n']);
  });

  for (const init of [false, true]) {
    const how = init
      ? "under its --init, and says nothing of orphans"
      : "as process 1, and says so";
    test(`runs a command by exec ${how}; its end is the container's`, async (t) => {
      const folder = await mounted(t);
      const name = init ? "exec-init" : "exec";
      const options = ["--read-only", "--cap-drop=ALL", "--network=none"];
      options.push("--volume", `${folder}:/srv:ro`, "--env=CLEF_AGENT_SOURCE=/srv/artifact.json");
      options.push("--env=CLEF_AGENT_AGE_KEY_FILE=/srv/age.key", ...(init ? ["--init"] : []));
      // The only program of the image is the agent.
      const command = ["exec", "--", "clef-agent", "--version"];
      const once = engine.docker(
        "run",
        "--rm",
        "--name",
        name,
        ...options,
        images.docker,
        ...command,
      );
      assert.deepEqual([once.status, once.stdout], [0, `${VERSION}\n`], once.stderr);
      assert.equal(once.stderr.includes("process 1"), !init);
    });
  }

  test("stops it by SIGTERM, long before it would be killed", async (t) => {
    await start(t, "stopped", images.docker);
    const startedAt = performance.now();
    engine.does("stop", "--time=10", "stopped");
    assert.ok(performance.now() - startedAt < 8_000);
    assert.equal(engine.inspect("stopped", ".State.ExitCode"), "0");
    assert.match(
      engine.docker("logs", "stopped").stderr,
      /"event":"agent\.stopped","reason":"signal"/,
    );
  });

  test("gives it a volume in memory for a token that it makes", async (t) => {
    const memory = `/run/clef-agent:uid=${USER},gid=${USER},mode=0700,size=1m`;
    await start(
      t,
      "token",
      images.docker,
      "--tmpfs",
      memory,
      "--env",
      "CLEF_AGENT_TOKEN_FILE=/run/clef-agent/token",
    );
    const file = `/proc/${engine.inspect("token", ".State.Pid")}/root/run/clef-agent/token`;
    const stat = (...args: readonly string[]): string =>
      spawnSync("stat", args, { encoding: "utf8" }).stdout.trim();
    assert.equal(stat("-f", "-c", "%T", path.dirname(file)), "tmpfs");
    assert.equal(stat("-c", "%a %u", file), `600 ${USER}`);
  });

  test(
    "starts by docker-compose the application of deploy/compose/compose.yaml when its agent has secrets",
    { skip: noCompose() },
    async (t) => {
      const folder = await mounted(t);
      const file = parse(deployFile("compose/compose.yaml")) as ComposeFile;
      // Debian's version 1.29 is older than these two.
      delete file.name;
      const agent = file.services["clef-agent"];
      const app = file.services["api"];
      assert.ok(agent !== undefined && app !== undefined);
      delete agent.healthcheck?.start_interval;
      agent.image = images.docker;
      agent.environment["CLEF_AGENT_SOURCE"] = "/srv/artifact.json";
      agent.environment["CLEF_AGENT_VERIFY_KEY"] = VERIFY_KEY;
      agent.environment["CLEF_AGENT_IDENTITY"] = "api-gateway";
      agent.volumes.push(`${folder}:/srv:ro`);
      app.image = images.docker;
      // An application that asks the agent, sees the answer, and goes on.
      app.command = ["run"];
      app.environment = {
        ...app.environment,
        CLEF_AGENT_PORT: "8000",
        CLEF_AGENT_SOURCE: "/nowhere",
        CLEF_AGENT_STARTUP_TIMEOUT: "0",
        CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      };
      await mkdir(path.join(folder, "project"));
      await writeFile(path.join(folder, "project/age.key"), AGE_IDENTITY, { mode: 0o400 });
      await chown(path.join(folder, "project/age.key"), USER, USER);
      await writeFile(path.join(folder, "project/compose.json"), JSON.stringify(file));
      const compose = (...args: readonly string[]): string => {
        const options = ["-p", "shop", "-f", path.join(folder, "project/compose.json")];
        const done = spawnSync("docker-compose", [...options, ...args], {
          encoding: "utf8",
          env: engine.env,
        });
        assert.equal(done.status, 0, done.stderr);
        return done.stdout.trim();
      };
      compose("up", "--detach");
      const agentId = compose("ps", "--quiet", "clef-agent");
      const appId = compose("ps", "--quiet", "api");
      assert.equal(engine.inspect(agentId, ".State.Health.Status"), "healthy");
      const token = `/proc/${engine.inspect(appId, ".State.Pid")}/root/run/clef-agent/token`;
      const shown = spawnSync("cat", [token], { encoding: "utf8" }).stdout.trim();
      assert.match(engine.ask(appId, "/v1/secrets/KEY", shown), /"value":"value"/);
      assert.match(
        spawnSync("stat", ["-c", "%a %u", token], { encoding: "utf8" }).stdout,
        /^600 65532/,
      );
    },
  );
});

function noCompose(): string | false {
  const there = spawnSync("docker-compose", ["--version"]).status === 0;
  return there ? false : "docker-compose is not installed: .ci/install-containers";
}

interface ComposeFile {
  name?: string;
  readonly services: Record<
    string,
    {
      image: string;
      command?: readonly string[];
      environment: Record<string, string>;
      readonly volumes: string[];
      readonly healthcheck?: { start_interval?: string };
    }
  >;
}
