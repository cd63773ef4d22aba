import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configError, configErrors, configured, sourceAt } from "../../support/config.ts";

describe("CLEF_AGENT_SOURCE", () => {
  test("may be a file path of any form", async () => {
    for (const path of ["/a/b.json", "b.json", "./b", "../b", String.raw`C:\b.json`, "a b:c"]) {
      assert.deepEqual(await sourceAt(path), { kind: "file", path });
    }
  });

  test("may be an http or https URL, in any case, without its fragment", async () => {
    const source = await sourceAt("HTTPS://user:pw@Host:8443/a?b=c#d");
    assert.ok(source.kind === "http");
    assert.equal(source.url.href, "https://user:pw@host:8443/a?b=c");
    assert.equal((await sourceAt("http://host")).kind, "http");
  });

  test("may be an object in S3", async () => {
    assert.equal((await sourceAt("s3://my-bucket/a/b.json")).kind, "s3");
    assert.equal((await sourceAt("https://my-bucket.s3.eu-west-1.amazonaws.com/a")).kind, "s3");
  });

  for (const text of [
    "ftp://host/x",
    "file:///x",
    "gs://b/k",
    "http://",
    "https://[bad",
    "s3://",
    "s3://bucket",
    "s3://bucket/",
    "s3:///key",
  ]) {
    test(`is not ${text}`, async () => {
      assert.match(
        await configError({ CLEF_AGENT_SOURCE: text }),
        /^config_invalid: CLEF_AGENT_SOURCE: /,
      );
    });
  }
});

const VCS = {
  CLEF_AGENT_SOURCE: undefined,
  CLEF_AGENT_VCS_PROVIDER: "github",
  CLEF_AGENT_VCS_REPO: "org/repo",
  CLEF_AGENT_VCS_TOKEN: "vcs-token-alpha",
  CLEF_AGENT_VCS_IDENTITY: "api",
  CLEF_AGENT_VCS_ENVIRONMENT: "prod",
};

describe("the VCS variables", () => {
  test("make a source together, and say whom the artifact is for", async () => {
    const config = await configured(VCS);
    assert.deepEqual(config.source, {
      kind: "vcs",
      provider: "github",
      repo: "org/repo",
      credential: { kind: "bearer", token: "vcs-token-alpha" },
      tokenFile: undefined,
      identity: "api",
      environment: "prod",
      ref: undefined,
      apiUrl: undefined,
    });
    assert.deepEqual(config.expected, { identity: "api", environment: "prod" });
  });

  test("may name a ref and the address of an instance", async () => {
    const { source } = await configured({
      ...VCS,
      CLEF_AGENT_VCS_REF: "v1",
      CLEF_AGENT_VCS_API_URL: "https://git.example/api",
    });
    assert.ok(source.kind === "vcs");
    assert.equal(source.ref, "v1");
    assert.equal(source.apiUrl?.href, "https://git.example/api");
  });

  test("give way to an identity and environment that are named themselves", async () => {
    const config = await configured({
      ...VCS,
      CLEF_AGENT_IDENTITY: "x",
      CLEF_AGENT_ENVIRONMENT: "y",
    });
    assert.deepEqual(config.expected, { identity: "x", environment: "y" });
  });

  test("may have their token in a file", async () => {
    const env = { ...VCS, CLEF_AGENT_VCS_TOKEN: undefined, CLEF_AGENT_VCS_TOKEN_FILE: "/t" };
    const { source } = await configured(env, { "/t": "from-file\n" });
    assert.ok(source.kind === "vcs");
    assert.deepEqual(source.credential, { kind: "bearer", token: "from-file" });
    assert.equal(source.tokenFile, "/t");
  });

  test("are not said to lack a token whose file cannot be read", async () => {
    const env = { ...VCS, CLEF_AGENT_VCS_TOKEN: undefined, CLEF_AGENT_VCS_TOKEN_FILE: "/none" };
    assert.match(await configError(env), /^config_unreadable_file: CLEF_AGENT_VCS_TOKEN_FILE:/);
  });

  for (const name of Object.keys(VCS).slice(1)) {
    test(`are an error without ${name}`, async () => {
      assert.match(
        await configError({ ...VCS, [name]: undefined }),
        new RegExp(`^config_missing: ${name}:`),
      );
    });
  }

  test("are an error beside CLEF_AGENT_SOURCE", async () => {
    const error = await configError({ ...VCS, CLEF_AGENT_SOURCE: "/a" });
    assert.match(error, /^config_conflict: CLEF_AGENT_SOURCE and CLEF_AGENT_VCS_…/);
  });

  test("are not complete with a ref alone", async () => {
    const errors = await configErrors({ CLEF_AGENT_SOURCE: undefined, CLEF_AGENT_VCS_REF: "main" });
    assert.match(errors.map((error) => error.message).join("\n"), /the VCS source needs all five/);
  });

  test("take three providers", async () => {
    for (const provider of ["github", "gitlab", "bitbucket"]) {
      const { source } = await configured({ ...VCS, CLEF_AGENT_VCS_PROVIDER: provider });
      assert.ok(source.kind === "vcs");
      assert.equal(source.provider, provider);
    }
    const wrong = await configErrors({ ...VCS, CLEF_AGENT_VCS_PROVIDER: "svn" });
    assert.match(wrong[0]?.message ?? "", /one of github, gitlab, bitbucket/);
  });

  test("take a repository of two parts, and of more where GitLab has subgroups", async () => {
    assert.match(await configError({ ...VCS, CLEF_AGENT_VCS_REPO: "a/b/c" }), /org\/repo/);
    assert.match(await configError({ ...VCS, CLEF_AGENT_VCS_REPO: "repo" }), /org\/repo/);
    const gitlab = { ...VCS, CLEF_AGENT_VCS_PROVIDER: "gitlab", CLEF_AGENT_VCS_REPO: "a/b/c" };
    assert.equal((await configured(gitlab)).source.kind, "vcs");
    for (const repo of ["a/", "/b", "a/..", "./b", "a/b c", "a//b", String.raw`a/b\c`]) {
      assert.match(await configError({ ...gitlab, CLEF_AGENT_VCS_REPO: repo }), /group\/project/);
      assert.match(await configError({ ...VCS, CLEF_AGENT_VCS_REPO: repo }), /org\/repo/);
    }
  });

  test("let no name leave its directory in the repository", async () => {
    for (const name of ["..", ".", "a/b", "../x", String.raw`a\b`, "a\u0000"]) {
      for (const variable of ["CLEF_AGENT_VCS_IDENTITY", "CLEF_AGENT_VCS_ENVIRONMENT"]) {
        assert.match(
          await configError({ ...VCS, [variable]: name }),
          new RegExp(`${variable} must be`),
        );
      }
    }
  });

  test("take a ref of any name that is no step in a path", async () => {
    for (const ref of ["main", "feature/a", "v1.0", "日本/ü #%", "a".repeat(40)]) {
      const { source } = await configured({ ...VCS, CLEF_AGENT_VCS_REF: ref });
      assert.ok(source.kind === "vcs");
      assert.equal(source.ref, ref);
    }
    for (const ref of ["..", "a/../b", "/a", "a/", "a//b", "."]) {
      assert.match(
        await configError({ ...VCS, CLEF_AGENT_VCS_REF: ref }),
        /CLEF_AGENT_VCS_REF must be/,
      );
    }
  });

  test("take as the address of an instance a base without credentials and query", async () => {
    for (const [url, problem] of [
      ["https://user:pw-alpha@git.example", /must not hold credentials/],
      ["https://git.example/?token=pw-alpha", /without a query/],
      ["git.example", /not a valid http/],
    ] as const) {
      const error = await configError({ ...VCS, CLEF_AGENT_VCS_API_URL: url });
      assert.match(error, /CLEF_AGENT_VCS_API_URL: /);
      assert.match(error, problem);
      assert.doesNotMatch(error, /pw-alpha/);
    }
  });

  test("of gitea need the address of the instance: its token would go to one of several public ones", async () => {
    const gitea = { ...VCS, CLEF_AGENT_VCS_PROVIDER: "gitea" };
    assert.match(
      await configError(gitea),
      /^config_missing: CLEF_AGENT_VCS_API_URL is not set; .*gitea\.com or https:\/\/codeberg\.org$/,
    );
    const named = { ...gitea, CLEF_AGENT_VCS_API_URL: "https://codeberg.org" };
    assert.equal((await configured(named)).source.kind, "vcs");
  });

  test("warn of a token that would travel unencrypted, but not on this machine", async () => {
    const warned = async (url: string): Promise<boolean> =>
      (await configured({ ...VCS, CLEF_AGENT_VCS_API_URL: url })).warnings.some((warning) =>
        warning.startsWith("CLEF_AGENT_VCS_API_URL is http://"),
      );
    assert.ok(await warned("http://git.example/api"));
    assert.ok(!(await warned("https://git.example/api")));
    assert.ok(!(await warned("http://127.0.0.1:8080")));
    assert.ok(!(await warned("http://localhost/gitlab")));
  });

  test("name the file, not the variable, when what is in the file cannot be used", async () => {
    const env = { ...VCS, CLEF_AGENT_VCS_TOKEN: undefined, CLEF_AGENT_VCS_TOKEN_FILE: "/t" };
    assert.match(
      await configError(env, { "/t": "two words" }),
      /CLEF_AGENT_VCS_TOKEN_FILE: it must be/,
    );
    assert.match(await configError(env, { "/t": "glpat-x" }), /token of gitlab/);
  });
});
