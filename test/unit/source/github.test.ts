import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GitHubHost } from "../../support/code-hosts/github.ts";
import {
  ARTIFACT,
  configFor,
  fetchOnce,
  holdingArtifact,
  sourceFor,
} from "../../support/code-hosts/sources.ts";
import { coded } from "../../support/errors.ts";

const { refusals } = GitHubHost;

describe("GitHub", () => {
  test("is asked for the raw contents, conditionally, and an unchanged file costs no rate limit", async (t) => {
    const host = await holdingArtifact(t, new GitHubHost());
    const source = sourceFor(configFor("github", host));
    const first = await fetchOnce(source);
    assert.ok(first.kind === "bytes");
    assert.equal(host.remaining, 4_999);
    for (let poll = 0; poll < 5; poll++) {
      assert.deepEqual(await fetchOnce(source, first.etag), { kind: "unchanged" });
    }
    assert.equal(host.remaining, 4_999);
    assert.equal(host.requests.length, 6);
    assert.match(host.latestHeaders["user-agent"] ?? "", /^clef-agent\/\d/);
    assert.equal(host.latestHeaders["accept-encoding"], "identity");
    assert.equal(
      host.requests[0],
      "GET /repos/acme/secrets/contents/.clef/packed/api/production.age.json",
    );
  });

  test("at an Enterprise server keeps /api/v3 in its address", async (t) => {
    const host = await holdingArtifact(t, new GitHubHost());
    host.prefix = "/api/v3";
    await fetchOnce(sourceFor(configFor("github", host)));
    assert.match(host.requests[0] ?? "", /^GET \/api\/v3\/repos\/acme\/secrets\/contents\//);
  });

  test("without an address is the public service", () => {
    const config = configFor("github", Object.assign(new GitHubHost(), { token: "ghp_x" }), {
      apiUrl: undefined,
    });
    assert.match(
      sourceFor(config).description,
      /^github https:\/\/api\.github\.com acme\/secrets /,
    );
  });

  for (const [what, refusal, waitMs] of [
    ["a limit that is used up until its reset", () => refusals.resetOnly(90), 90_000],
    ["Retry-After before the reset", () => refusals.rateLimited, 7_000],
    ["a secondary limit with nothing but a message", () => refusals.secondary, 60_000],
  ] as const) {
    test(`is waited for: ${what}`, async (t) => {
      const host = await new GitHubHost().listen(t);
      host.refusal = refusal();
      await assert.rejects(
        fetchOnce(sourceFor(configFor("github", host))),
        (error: { retryAfterMs?: number }) => {
          coded("source_rate_limited")(error);
          const wait = error.retryAfterMs ?? 0;
          // The reset is a whole second of the host's clock.
          assert.ok(wait > waitMs - 2_000 && wait <= waitMs + 1_000, String(wait));
          return true;
        },
      );
    });
  }

  test("is waited for by its own clock, however wrong that of this machine is", async (t) => {
    const host = await new GitHubHost().listen(t);
    const there = Date.now() + 3_600_000;
    host.refusal = {
      status: 429,
      headers: {
        date: new Date(there).toUTCString(),
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.floor(there / 1000) + 30),
      },
    };
    await assert.rejects(
      fetchOnce(sourceFor(configFor("github", host))),
      (error: { retryAfterMs?: number }) => {
        assert.equal(error.retryAfterMs, 30_000);
        return true;
      },
    );
  });

  test("that asks for single sign-on says so, without the address of the authorization", async (t) => {
    const host = await new GitHubHost().listen(t);
    host.denied = refusals.singleSignOn;
    await assert.rejects(fetchOnce(sourceFor(configFor("github", host))), (error: Error) => {
      coded("source_forbidden", /requires single sign-on.*CLEF_AGENT_VCS_TOKEN/)(error);
      assert.doesNotMatch(error.message, /A1B2C3SECRET/);
      return true;
    });
  });

  test("that limits the question why an artifact is not there is waited for", async (t) => {
    const host = await new GitHubHost().listen(t);
    host.repository.commit("main", "README.md", ARTIFACT);
    host.onRequest = () => {
      if (host.requests.length === 2) host.refusal = refusals.rateLimited;
    };
    await assert.rejects(
      fetchOnce(sourceFor(configFor("github", host))),
      coded("source_rate_limited", /commits\/HEAD answered 403/),
    );
  });
});
