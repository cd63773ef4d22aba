import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseLocation } from "../../../src/config/source.ts";
import { configError, configErrors, configured } from "../../support/config.ts";

describe("CLEF_AGENT_SOURCE", () => {
  test("may be a file path of any form", () => {
    for (const path of ["/a/b.json", "b.json", "./b", "../b", String.raw`C:\b.json`, "a b:c"]) {
      assert.deepEqual(parseLocation(path), { kind: "file", path });
    }
  });

  test("may be an http or https URL, in any case, without its fragment", () => {
    const source = parseLocation("HTTPS://user:pw@Host:8443/a?b=c#d");
    assert.ok(source.kind === "http");
    assert.equal(source.url.href, "https://user:pw@host:8443/a?b=c");
    assert.equal(parseLocation("http://host").kind, "http");
  });

  test("may be an object in S3", () => {
    assert.equal(parseLocation("s3://my-bucket/a/b.json").kind, "s3");
    assert.equal(parseLocation("https://my-bucket.s3.eu-west-1.amazonaws.com/a").kind, "s3");
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
    test(`is not ${text}`, () => {
      assert.match(
        configError({ CLEF_AGENT_SOURCE: text }),
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
  test("make a source together, and say whom the artifact is for", () => {
    const config = configured(VCS);
    assert.deepEqual(config.source, {
      kind: "vcs",
      provider: "github",
      repo: "org/repo",
      token: "vcs-token-alpha",
      identity: "api",
      environment: "prod",
      ref: undefined,
      apiUrl: undefined,
    });
    assert.deepEqual(config.expected, { identity: "api", environment: "prod" });
  });

  test("may name a ref and the address of an instance", () => {
    const { source } = configured({
      ...VCS,
      CLEF_AGENT_VCS_REF: "v1",
      CLEF_AGENT_VCS_API_URL: "https://git.example/api",
    });
    assert.ok(source.kind === "vcs");
    assert.equal(source.ref, "v1");
    assert.equal(source.apiUrl?.href, "https://git.example/api");
  });

  test("give way to an identity and environment that are named themselves", () => {
    const config = configured({ ...VCS, CLEF_AGENT_IDENTITY: "x", CLEF_AGENT_ENVIRONMENT: "y" });
    assert.deepEqual(config.expected, { identity: "x", environment: "y" });
  });

  test("may have their token in a file", () => {
    const env = { ...VCS, CLEF_AGENT_VCS_TOKEN: undefined, CLEF_AGENT_VCS_TOKEN_FILE: "/t" };
    const { source } = configured(env, { "/t": "from-file\n" });
    assert.ok(source.kind === "vcs");
    assert.equal(source.token, "from-file");
  });

  test("are not said to lack a token whose file cannot be read", () => {
    const env = { ...VCS, CLEF_AGENT_VCS_TOKEN: undefined, CLEF_AGENT_VCS_TOKEN_FILE: "/none" };
    assert.match(configError(env), /^config_unreadable_file: CLEF_AGENT_VCS_TOKEN_FILE:/);
  });

  for (const name of Object.keys(VCS).slice(1)) {
    test(`are an error without ${name}`, () => {
      assert.match(
        configError({ ...VCS, [name]: undefined }),
        new RegExp(`^config_missing: ${name}:`),
      );
    });
  }

  test("are an error beside CLEF_AGENT_SOURCE", () => {
    const error = configError({ ...VCS, CLEF_AGENT_SOURCE: "/a" });
    assert.match(error, /^config_conflict: CLEF_AGENT_SOURCE and CLEF_AGENT_VCS_…/);
  });

  test("are not complete with a ref alone", () => {
    const errors = configErrors({ CLEF_AGENT_SOURCE: undefined, CLEF_AGENT_VCS_REF: "main" });
    assert.match(errors.map((error) => error.message).join("\n"), /the VCS source needs all five/);
  });

  test("take three providers", () => {
    for (const provider of ["github", "gitlab", "bitbucket"]) {
      const { source } = configured({ ...VCS, CLEF_AGENT_VCS_PROVIDER: provider });
      assert.ok(source.kind === "vcs");
      assert.equal(source.provider, provider);
    }
    const wrong = configErrors({ ...VCS, CLEF_AGENT_VCS_PROVIDER: "svn" });
    assert.match(wrong[0]?.message ?? "", /one of github, gitlab, bitbucket/);
  });

  test("take a repository of two parts, and of more where GitLab has subgroups", () => {
    assert.match(configError({ ...VCS, CLEF_AGENT_VCS_REPO: "a/b/c" }), /org\/repo/);
    assert.match(configError({ ...VCS, CLEF_AGENT_VCS_REPO: "repo" }), /org\/repo/);
    const gitlab = { ...VCS, CLEF_AGENT_VCS_PROVIDER: "gitlab", CLEF_AGENT_VCS_REPO: "a/b/c" };
    assert.equal(configured(gitlab).source.kind, "vcs");
  });

  test("let no name leave its directory in the repository", () => {
    for (const name of ["..", ".", "a/b", "../x", String.raw`a\b`, "a\u0000"]) {
      for (const variable of ["CLEF_AGENT_VCS_IDENTITY", "CLEF_AGENT_VCS_ENVIRONMENT"]) {
        assert.match(configError({ ...VCS, [variable]: name }), new RegExp(`${variable} must be`));
      }
    }
  });
});
