import type { TestContext } from "node:test";
import type { Network } from "../../src/net/network.ts";
import { azureBlobSource } from "../../src/source/azure-blob.ts";
import { gcsSource } from "../../src/source/gcs.ts";
import type { Source } from "../../src/source/source.ts";
import { BLOB_SPEECH, type BucketSpeech, FakeBucket, GCS_SPEECH } from "../support/fake-bucket.ts";
import { type Origin, sourceContract } from "./source.contract.ts";

const TOKEN = "alpha-token";
const found = { forget: (): void => undefined, trouble: undefined };

const gcs = (network: Network): Source =>
  gcsSource(
    { bucket: "artifacts", object: "packed/api (ü).json", generation: undefined },
    {
      network,
      deadlineMs: 1_000,
      credentials: { ...found, headers: async () => ({ authorization: `Bearer ${TOKEN}` }) },
    },
  );

const blob = (network: Network): Source =>
  azureBlobSource(
    { account: "artifacts", container: "packed", blob: "api (ü).json", query: [], host: undefined },
    { network, deadlineMs: 1_000, credentials: { ...found, token: async () => TOKEN } },
  );

async function openBucket(
  t: TestContext,
  speech: BucketSpeech,
  open: (network: Network) => Source,
): Promise<Origin> {
  const bucket = new FakeBucket(speech);
  const { fails } = bucket;
  const soon = (act: () => void): (() => Promise<void>) => {
    return async () => {
      bucket.token = TOKEN;
      act();
    };
  };
  return {
    source: open(await bucket.listen(t)),
    credential: TOKEN,
    holds: async (bytes) => soon(() => bucket.put(bytes))(),
    sentBytes: () => bucket.sentBytes,
    sendsSlowly: soon(() => fails.slowly()),
    redirects: null,
    failures: {
      notFound: soon(() => bucket.put(undefined)),
      async forbidden() {
        fails.with(403);
        return undefined;
      },
      async unauthorized() {
        bucket.token = "another";
      },
      serverError: soon(() => fails.with(503)),
      rateLimited: soon(() => fails.with(429, { "retry-after": "7" })),
      hangs: soon(() => fails.byHanging()),
      cutShort: soon(() => fails.byCutting()),
      tooLarge: soon(() => fails.withoutEnd()),
    },
  };
}

sourceContract({
  name: "Google Cloud Storage",
  type: "gcs",
  open: (t) => openBucket(t, GCS_SPEECH, gcs),
});
sourceContract({
  name: "Azure Blob Storage",
  type: "azure_blob",
  open: (t) => openBucket(t, BLOB_SPEECH, blob),
});
