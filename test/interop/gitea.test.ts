import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { parseVcsCredential } from "../../src/config/vcs-credential.ts";
import { ARTIFACT_PATH, fetchOnce, sourceFor } from "../support/code-hosts/sources.ts";
import { coded } from "../support/errors.ts";
import { installedProgram, startProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Origin, sourceContract } from "../contract/source.contract.ts";

const program = installedProgram("gitea/gitea");

if (program === undefined) {
  test(
    "Gitea",
    { skip: "gitea is missing: docs/sources/gitea.md says how to build it" },
    () => undefined,
  );
} else {
  const work = await temporaryDirectory({ after });
  const conf = join(work, "custom/conf/app.ini");
  const password = "alpha-password-1";
  // Gitea does not run as root unless it is told that it is not.
  const env = {
    GITEA_WORK_DIR: work,
    HOME: work,
    USER: "root",
    GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: "true",
  };
  const command = (...args: readonly string[]): string =>
    execFileSync(program, [...args, "--config", conf], {
      env: { PATH: process.env["PATH"], ...env },
      encoding: "utf8",
    });
  const { port } = await startProgram(
    {
      after,
    },
    "sh",
    (own) => [
      "-c",
      `"$0" migrate --config "$1" >/dev/null && exec "$0" web --port ${own} --config "$1"`,
      program,
      conf,
    ],
    {
      env,
      async before(own) {
        await mkdir(dirname(conf), { recursive: true });
        await writeFile(
          conf,
          `RUN_USER = root\n[server]\nHTTP_ADDR = 127.0.0.1\nHTTP_PORT = ${own}\nROOT_URL = http://127.0.0.1:${own}/\nSTATIC_ROOT_PATH = ${dirname(program)}\nOFFLINE_MODE = true\nDISABLE_SSH = true\nLFS_START_SERVER = false\n[database]\nDB_TYPE = sqlite3\nPATH = ${work}/gitea.db\n[security]\nINSTALL_LOCK = true\n[log]\nLEVEL = Error\n[mailer]\nENABLED = false\n`,
        );
      },
    },
  );
  const address = `http://127.0.0.1:${port}`;
  command(
    "admin",
    "user",
    "create",
    "--username",
    "acme",
    "--password",
    password,
    "--email",
    "a@example.com",
    "--must-change-password=false",
  );
  const newToken = (scopes: string): string =>
    command(
      "admin",
      "user",
      "generate-access-token",
      "--username",
      "acme",
      "--token-name",
      `t${Math.random()}`,
      "--scopes",
      scopes,
      "--raw",
    )
      .trim()
      .split("\n")
      .at(-1) ?? "";
  const owner = newToken("write:repository,write:user");
  const reader = newToken("read:repository");
  const stranger = newToken("read:user");

  const api = async (method: string, path: string, body: object): Promise<Response> =>
    fetch(`${address}/api/v1${path}`, {
      method,
      headers: { authorization: `token ${owner}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const created = async (method: string, path: string, body: object): Promise<void> => {
    const response = await api(method, path, body);
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.text()}`);
  };
  const source = (repo: string, token: string, ref?: string): Origin["source"] =>
    sourceFor({
      kind: "vcs",
      provider: "gitea",
      repo: `acme/${repo}`,
      credential: parseVcsCredential("gitea", token),
      tokenFile: undefined,
      identity: "api",
      environment: "production",
      ref,
      apiUrl: new URL(address),
    });

  let repositories = 0;
  const newRepository = async (isFilled = true): Promise<string> => {
    const name = `secrets-${++repositories}`;
    await created("POST", "/user/repos", {
      name,
      private: true,
      auto_init: isFilled,
      default_branch: "trunk/main",
    });
    return name;
  };
  const open = async (): Promise<Origin> => {
    const name = await newRepository();
    let token = reader;
    const path = `/repos/acme/${name}/contents/${ARTIFACT_PATH}`;
    const change = async (method: string, content: Uint8Array | undefined): Promise<void> => {
      const there = await fetch(`${address}/api/v1${path}`, {
        headers: { authorization: `token ${owner}` },
      });
      const { sha } = (await there.json()) as { sha?: string };
      const base64 =
        content === undefined ? {} : { content: Buffer.from(content).toString("base64") };
      if (content === undefined && sha === undefined) return;
      const body = {
        ...base64,
        ...(sha === undefined ? {} : { sha }),
        branch: "trunk/main",
        message: "m",
      };
      await created(sha === undefined ? "POST" : method, path, body);
    };
    const own = (): Origin["source"] => source(name, token);
    return {
      source: { ...own(), fetch: (request) => own().fetch(request) },
      credential: reader,
      async holds(bytes) {
        token = reader;
        await change("PUT", bytes);
      },
      sentBytes: null,
      sendsSlowly: null,
      redirects: null,
      failures: {
        notFound: () => change("DELETE", undefined),
        async forbidden() {
          token = stranger;
          return undefined;
        },
        async unauthorized() {
          token = "0".repeat(40);
        },
        serverError: null,
        rateLimited: null,
        hangs: null,
        cutShort: null,
        tooLarge: () => change("PUT", Buffer.alloc(ARTIFACT_MAX_BYTES + 1)),
      },
    };
  };
  sourceContract({ name: "Gitea (itself)", type: "vcs", open });

  test("Gitea says with the agent what is missing", async () => {
    const [filled, empty] = [await newRepository(), await newRepository(false)];
    const missing = (name: string, ref?: string): Promise<unknown> =>
      fetchOnce(source(name, reader, ref));
    await assert.rejects(missing("none"), coded("source_not_found", /CLEF_AGENT_VCS_REPO/));
    await assert.rejects(missing(empty), coded("source_not_found", /is empty/));
    await assert.rejects(missing(filled), coded("source_not_found", /has no \.clef\/packed/));
    await assert.rejects(
      missing(filled, "feature/x"),
      coded("source_not_found", /no branch, tag or commit feature\/x/),
    );
    await assert.rejects(
      missing(filled, "trunk/main"),
      coded("source_not_found", /has no \.clef\/packed/),
    );
  });
}
