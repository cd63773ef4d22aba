import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { addressOf } from "../../src/source/vcs/address.ts";
import { segmentsOf } from "../support/code-hosts/code-host.ts";
import { configFor, fetchOnce, HOSTS, sourceFor } from "../support/code-hosts/sources.ts";

/** What the configuration lets through as one segment of a path. */
const segment = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/[/\\\p{Cc}]/u.test(text) && text !== "." && text !== "..");
/** Characters with a meaning in addresses come up often enough to matter. */
const awkward = fc.oneof(
  segment,
  fc.constantFrom("%", "%2F", "%2e%2e", "a b", "#", "?", "&=", "+", ";", ":", "@", "...", "~", "é"),
);
const ref = fc.array(awkward, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));

test("what an address is made of can be read back from it", () => {
  fc.assert(
    fc.property(fc.array(awkward, { minLength: 1 }), awkward, (segments, value) => {
      const url = addressOf("https://host/base", segments, { value });
      assert.deepEqual(segmentsOf(url.pathname).slice(1), segments);
      assert.equal(url.searchParams.get("value"), value);
      assert.equal(url.hash, "");
      assert.equal(url.host, "host");
    }),
  );
});

describe("a service finds what was meant, whatever it is called", () => {
  for (const provider of ["github", "gitlab", "bitbucket", "gitea"] as const) {
    test(`at ${provider}`, async (t) => {
      const host = await new HOSTS[provider]().listen(t);
      const groups = provider === "gitlab" ? 4 : 2;
      await fc.assert(
        fc.asyncProperty(
          fc
            .array(
              awkward.filter((name) => !/\s/.test(name)),
              { minLength: 2, maxLength: groups },
            )
            .map((parts) => parts.join("/")),
          ref,
          awkward,
          awkward,
          async (repo, branch, identity, environment) => {
            host.repo = repo;
            const name = `.clef/packed/${identity}/${environment}.age.json`;
            host.repository.commit(branch, name, Buffer.from(name));
            const config = configFor(provider, host, { ref: branch, identity, environment });
            const answer = await fetchOnce(sourceFor(config));
            assert.ok(answer.kind === "bytes");
            assert.equal(Buffer.from(answer.bytes).toString(), name);
          },
        ),
        { numRuns: 60 },
      );
    });
  }
});
