import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgentErrors } from "../../../src/errors.ts";
import { sourceAt } from "../../support/config.ts";

const gcs = (bucket: string, object: string, generation?: string): unknown => ({
  kind: "gcs",
  location: { bucket, object, generation },
});
const blob = (container: string, name: string, more: object = {}): unknown => ({
  kind: "azure_blob",
  location: { account: "acct", container, blob: name, query: [], host: undefined, ...more },
});
const HOST = "acct.blob.core.windows.net";

describe("an address of Google Cloud Storage or Azure Blob Storage", () => {
  for (const [address, expected] of [
    ["gs://my-bucket/a/b c#d.json", gcs("my-bucket", "a/b c#d.json")],
    ["gs://my-bucket/a.json#17164", gcs("my-bucket", "a.json", "17164")],
    ["https://storage.googleapis.com/my-bucket/a/b%20c.json", gcs("my-bucket", "a/b c.json")],
    ["https://storage.cloud.google.com/my-bucket/a.json", gcs("my-bucket", "a.json")],
    [
      "https://my.bucket.storage.googleapis.com/a/b.json?generation=7",
      gcs("my.bucket", "a/b.json", "7"),
    ],
    ["az://acct/packed/a/b c.json", blob("packed", "a/b c.json")],
    ["az://acct/$root/a.json", blob("$root", "a.json")],
    [`https://${HOST}/packed/a/b%20c.json`, blob("packed", "a/b c.json", { host: HOST })],
    [`https://${HOST}/a.json`, blob("$root", "a.json", { host: HOST })],
    [
      "https://acct.blob.core.usgovcloudapi.net/p/a?versionid=2026",
      blob("p", "a", { host: "acct.blob.core.usgovcloudapi.net", query: [["versionid", "2026"]] }),
    ],
  ] as const) {
    test(`${address} is one`, async () => assert.deepEqual(await sourceAt(address), expected));
  }

  for (const address of [
    "https://storage.googleapis.com/my-bucket/a.json?X-Goog-Signature=abc",
    "https://storage.googleapis.com/my-bucket/a.json?GoogleAccessId=a&Signature=abc",
    "https://storage.googleapis.com/storage/v1/b/my-bucket/o/a.json?alt=media",
    "https://storage.googleapis.com.evil.example/my-bucket/a.json",
    "https://evilstorage.googleapis.com/my-bucket/a.json",
    "http://storage.googleapis.com/my-bucket/a.json",
    `https://${HOST}/packed/a.json?sv=2024&sig=abc`,
    `https://${HOST}.evil.example/packed/a.json`,
    `https://${HOST}:8443/packed/a.json`,
  ]) {
    test(`${address} is fetched as it is`, async () =>
      assert.equal((await sourceAt(address)).kind, "http"));
  }

  for (const address of [
    "gs://bucket",
    "gs:///a",
    "gs://bucket/",
    "az://acct/packed",
    "az://acct//a",
    "az://a/packed/a",
    "az://acct/packed/../a",
    "https://storage.googleapis.com/bucket",
    `https://${HOST}/`,
    "https://storage.googleapis.com/my-bucket/a?generation=x",
  ]) {
    test(`${address} is refused`, async () => assert.rejects(sourceAt(address), AgentErrors));
  }
});
