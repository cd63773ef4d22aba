import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { rootCertificates } from "node:tls";
import { certificateKey, certificatesIn } from "../../../src/net/certificates.ts";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";
import { SYSTEM_FILES } from "../../../src/net/system-store.ts";
import { Trust } from "../../../src/net/trust.ts";

const system = SYSTEM_FILES.find((path) => existsSync(path));

test(
  "Node's own roots and the system's store are trusted together",
  { skip: system === undefined && "this system has its store in no file" },
  async () => {
    const trust = new Trust(PLAIN_NETWORK.trust, false, (warning) => assert.fail(warning));
    // Node.js trusts its own where nothing is added to them.
    const { ca = rootCertificates } = await trust.now();
    const trusted = new Set(ca.map(certificateKey));
    const expected = [...rootCertificates, ...certificatesIn(readFileSync(system ?? "", "utf8"))];
    assert.ok(expected.every((pem) => trusted.has(certificateKey(pem))));
    assert.equal(trusted.size, ca.length, "each of them once");
  },
);

test("who is trusted is the same object until a file changes, and is looked at once for all who ask", async () => {
  const trust = new Trust(PLAIN_NETWORK.trust, false, (warning) => assert.fail(warning));
  const [first, second] = await Promise.all([trust.now(), trust.now()]);
  assert.equal(first, second);
  assert.equal(await trust.now(), first);
});
