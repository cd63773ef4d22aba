import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAzureKeyUrl } from "../../../src/kms/azure-key-url.ts";

const VERSION = "0123456789abcdef0123456789abcdef";

test("a key's URL says for whom a token must be, in every cloud", () => {
  for (const suffix of [
    "vault.azure.net",
    "vault.azure.cn",
    "vault.usgovcloudapi.net",
    "managedhsm.azure.net",
  ]) {
    const key = parseAzureKeyUrl(`https://my-vault1.${suffix}/keys/app-key/${VERSION}`);
    assert.equal(key?.scope, `https://${suffix}/.default`);
    assert.equal(key.url, `https://my-vault1.${suffix}/keys/app-key/${VERSION}`);
    assert.equal(key.version, VERSION);
  }
});

test("the version may be left out, and capitals in host and version do not matter", () => {
  assert.equal(parseAzureKeyUrl("https://abc.vault.azure.net/keys/K")?.version, undefined);
  const key = parseAzureKeyUrl(`HTTPS://ABC.Vault.Azure.Net/keys/Key/${VERSION.toUpperCase()}`);
  assert.equal(key?.url, `https://abc.vault.azure.net/keys/Key/${VERSION}`);
});
