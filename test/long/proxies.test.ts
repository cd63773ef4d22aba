import { describe, test } from "node:test";
import { CLOUDS, holdsBehindProxies, SERVICES } from "../support/behind-proxy.ts";

for (const [name, open] of Object.entries(SERVICES)) {
  describe(`${name} behind a proxy`, () => {
    for (const scheme of ["http", "https"] as const) {
      test(`of ${scheme}: reached, with a password too; named when dead or refusing; passed by`, async (t) => {
        await holdsBehindProxies(t, scheme, await open(t, scheme));
      });
    }
  });
}

describe("tokens and their KMS behind a proxy", () => {
  for (const [name, open] of Object.entries(CLOUDS)) {
    test(`of ${name}`, async (t) => holdsBehindProxies(t, "https", await open(t)));
  }
});
