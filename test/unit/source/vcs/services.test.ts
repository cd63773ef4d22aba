import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { VcsConfig } from "../../../../src/config/vcs.ts";
import type { VcsProvider } from "../../../../src/config/vcs-credential.ts";
import { AgentError } from "../../../../src/errors.ts";
import {
  ARTIFACT,
  ARTIFACT_PATH,
  configFor,
  fetchOnce,
  holdingArtifact,
  HOSTS,
  sourceFor,
} from "../../../support/code-hosts/sources.ts";
import { coded } from "../../../support/errors.ts";

const PROVIDERS = ["github", "gitlab", "bitbucket", "gitea"] as const;
type Host = InstanceType<(typeof HOSTS)[VcsProvider]>;

function start(t: TestContext, provider: VcsProvider): Promise<Host> {
  return holdingArtifact<Host>(t, new HOSTS[provider]());
}

/** What one fetch gives, as text. */
async function read(config: VcsConfig): Promise<string> {
  const answer = await fetchOnce(sourceFor(config));
  assert.ok(answer.kind === "bytes");
  return Buffer.from(answer.bytes).toString();
}

async function failure(config: VcsConfig): Promise<AgentError> {
  try {
    await fetchOnce(sourceFor(config));
  } catch (error) {
    assert.ok(error instanceof AgentError);
    return error;
  }
  return assert.fail("it did not fail");
}

for (const provider of PROVIDERS) {
  describe(`the ${provider} source`, () => {
    for (const ref of ["release", "feature/a/b", "v1.0", "sp ace/pro%20cent#?&+=", "日本/ü"]) {
      test(`reads the branch ${ref}, and the tag of that name`, async (t) => {
        const host = await start(t, provider);
        host.repository.commit(ref, ARTIFACT_PATH, Buffer.from("on the branch"));
        assert.equal(await read(configFor(provider, host, { ref })), "on the branch");
        const hash = host.repository.commit("other", ARTIFACT_PATH, Buffer.from("at the tag"));
        host.repository.branches.delete(ref);
        host.repository.tags.set(ref, hash);
        assert.equal(await read(configFor(provider, host, { ref })), "at the tag");
      });
    }

    test("reads a commit by its hash, however the branches move", async (t) => {
      const host = await start(t, provider);
      const ref = host.repository.commit("main", ARTIFACT_PATH, Buffer.from("then"));
      host.repository.commit("main", ARTIFACT_PATH, Buffer.from("now"));
      const source = sourceFor(configFor(provider, host, { ref }));
      const answer = await fetchOnce(source);
      assert.ok(answer.kind === "bytes");
      assert.equal(Buffer.from(answer.bytes).toString(), "then");
      host.repository.commit("main", ARTIFACT_PATH, Buffer.from("later"));
      assert.deepEqual(await fetchOnce(source, answer.etag), { kind: "unchanged" });
    });

    test("reads the default branch, whatever it is called", async (t) => {
      const host = await start(t, provider);
      host.repository.commit("trunk/next", ARTIFACT_PATH, Buffer.from("on the trunk"));
      host.repository.defaultBranch = "trunk/next";
      assert.equal(await read(configFor(provider, host)), "on the trunk");
    });

    test("reads a file of more than a megabyte", async (t) => {
      const host = await start(t, provider);
      host.repository.commit("main", ARTIFACT_PATH, Buffer.alloc(3_000_000, "x"));
      assert.equal((await read(configFor(provider, host))).length, 3_000_000);
    });

    test("finds the artifact of names that mean something in an address", async (t) => {
      const host = await start(t, provider);
      for (const name of ["a b", "50%25", "#1", "?x=1", "ü-日本", "a+b", "..."]) {
        host.repository.commit("main", `.clef/packed/${name}/${name}.age.json`, Buffer.from(name));
        const config = configFor(provider, host, { identity: name, environment: name });
        assert.equal(await read(config), name);
      }
    });

    test("keeps the path of an address such as a proxy's", async (t) => {
      const host = await start(t, provider);
      host.prefix = "/git/lab";
      assert.equal(await read(configFor(provider, host)), ARTIFACT.toString());
      const apiUrl = new URL(`${host.address}/`);
      assert.equal(await read(configFor(provider, host, { apiUrl })), ARTIFACT.toString());
    });

    test("follows a repository to its new name, with its token", async (t) => {
      const host = await start(t, provider);
      host.formerRepo = "acme/old-name";
      const source = sourceFor(configFor(provider, host, { repo: "acme/old-name" }));
      const first = await fetchOnce(source);
      assert.ok(first.kind === "bytes");
      host.repository.commit("main", ARTIFACT_PATH, Buffer.from("changed"));
      const second = await fetchOnce(source, first.etag);
      assert.ok(second.kind === "bytes");
      assert.equal(Buffer.from(second.bytes).toString(), "changed");
    });

    test("never gives old bytes under a new name, when the file changes in between", async (t) => {
      const host = await start(t, provider);
      const source = sourceFor(configFor(provider, host));
      const first = await fetchOnce(source);
      assert.ok(first.kind === "bytes");
      host.repository.commit("main", ARTIFACT_PATH, Buffer.from("second"));
      // The third version comes after the look at the second.
      const before = host.requests.length;
      host.onRequest = () => {
        if (host.requests.length === before + 2) {
          host.repository.commit("main", ARTIFACT_PATH, Buffer.from("third"));
        }
      };
      const between = await fetchOnce(source, first.etag);
      assert.ok(between.kind === "bytes");
      host.onRequest = undefined;
      host.repository.commit("main", ARTIFACT_PATH, Buffer.from("third"));
      const last = await fetchOnce(source, between.etag);
      const held = last.kind === "bytes" ? last : between;
      assert.equal(Buffer.from(held.bytes).toString(), "third");
    });

    for (const [what, changes, prepare, code, message] of [
      [
        "repository",
        { repo: "acme/nope" },
        undefined,
        "source_not_found",
        /acme\/nope does not exist there, or the token may not see it; check CLEF_AGENT_VCS_REPO, CLEF_AGENT_VCS_TOKEN, CLEF_AGENT_VCS_API_URL and CLEF_AGENT_VCS_PROVIDER/,
      ],
      [
        "ref",
        { ref: "nope" },
        undefined,
        "source_not_found",
        /no branch, tag or commit nope; check CLEF_AGENT_VCS_REF/,
      ],
      [
        "ref with a slash",
        { ref: "no/pe" },
        undefined,
        "source_not_found",
        /no branch, tag or commit no\/pe; check CLEF_AGENT_VCS_REF/,
      ],
      [
        "identity",
        { identity: "nope" },
        undefined,
        "source_not_found",
        /no \.clef\/packed\/nope\/production\.age\.json at its default branch; check CLEF_AGENT_VCS_IDENTITY/,
      ],
      [
        "environment",
        { environment: "nope", ref: "main" },
        undefined,
        "source_not_found",
        /no \.clef\/packed\/api\/nope\.age\.json at main; check CLEF_AGENT_VCS_IDENTITY, CLEF_AGENT_VCS_ENVIRONMENT/,
      ],
      [
        "token",
        { token: "wrong" },
        undefined,
        "source_unauthorized",
        /the token is wrong.*check CLEF_AGENT_VCS_TOKEN, /,
      ],
      [
        "token file",
        { token: "wrong", tokenFile: "/none" },
        undefined,
        "source_unauthorized",
        /check CLEF_AGENT_VCS_TOKEN_FILE, /,
      ],
      [
        "address",
        {},
        (host: Host) => (host.prefix = "/elsewhere"),
        "source_unexpected_answer",
        /that is a web page and not the API of \w+; check CLEF_AGENT_VCS_API_URL and CLEF_AGENT_VCS_PROVIDER/,
      ],
      [
        "permission of the token",
        {},
        (host: Host) => (host.denied = { status: 403, body: { message: "no" } }),
        "source_forbidden",
        /the token in CLEF_AGENT_VCS_TOKEN needs \w+/,
      ],
    ] as const) {
      test(`says which variable to look at when the ${what} is wrong`, async (t) => {
        const host = await start(t, provider);
        const config = configFor(provider, host, changes);
        prepare?.(host);
        const error = await failure(config);
        coded(code, message)(error);
        assert.ok(!error.message.includes(host.token));
        assert.ok(host.requests.length <= 5, host.requests.join("\n"));
      });
    }

    test("says that a repository is empty, or has no default branch", async (t) => {
      const host = await new HOSTS[provider]().listen(t);
      host.repository.defaultBranch = undefined;
      coded(
        "source_not_found",
        /is empty|no default branch/,
      )(await failure(configFor(provider, host)));
    });

    test("asks only once in a while why an artifact is not there", async (t) => {
      const host = await start(t, provider);
      const source = sourceFor(configFor(provider, host, { ref: "nope" }));
      const count = async (): Promise<number> => {
        const before = host.requests.length;
        await assert.rejects(fetchOnce(source), coded("source_not_found", /CLEF_AGENT_VCS_REF/));
        return host.requests.length - before;
      };
      const first = await count();
      assert.ok(first <= 3);
      assert.equal(await count(), 1);
      assert.equal(await count(), 1);
    });

    test("waits a minute after a rate limit that comes without a time", async (t) => {
      const host = await start(t, provider);
      host.refusal = { status: 429, body: { message: "slow down" } };
      const error = await failure(configFor(provider, host));
      coded("source_rate_limited", /CLEF_AGENT_VCS_TOKEN is used up; waiting 60 s/)(error);
      assert.equal(error.retryAfterMs, 60_000);
    });

    test("has an entry of its own in a disk cache for every place it can read", async (t) => {
      const host = await start(t, provider);
      const keys = [
        {},
        { repo: "acme/b" },
        { identity: "b" },
        { environment: "b" },
        { ref: "b" },
        { ref: "null" },
        { apiUrl: undefined },
      ].map((changes) => sourceFor(configFor(provider, host, changes)).cacheKey);
      assert.equal(new Set(keys).size, keys.length);
      for (const key of keys) assert.ok(!key.includes(host.token));
    });

    test("describes itself by service, repository, path and ref, without the token", async (t) => {
      const host = await start(t, provider);
      const { description } = sourceFor(configFor(provider, host, { ref: "v1" }));
      assert.match(
        description,
        new RegExp(`^${provider} http://.* acme/secrets ${ARTIFACT_PATH} at v1$`),
      );
    });
  });
}
