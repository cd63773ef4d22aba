import type { TestContext } from "node:test";
import type { Network } from "../../src/net/network.ts";
import { azureBlobSource } from "../../src/source/azure-blob.ts";
import { gcsSource } from "../../src/source/gcs.ts";
import type { Source } from "../../src/source/source.ts";
import { BLOB_SPEECH, type BucketSpeech, FakeBucket, GCS_SPEECH } from "../support/fake-bucket.ts";
import { type Origin, sourceContract } from "./source.contract.ts";

const TOKEN = "alpha-token";
const found = { forget: (): void => undefined, trouble: undefined };

/** Patient with what takes its time on a busy machine, and not with what is never done. */
interface Conditions {
  readonly network: Network;
  isImpatient: boolean;
}

function optionsFor<Credentials>(
  conditions: Conditions,
  credentials: Credentials,
): { readonly network: Network; readonly credentials: Credentials; readonly deadlineMs: number } {
  return {
    network: conditions.network,
    credentials,
    get deadlineMs() {
      return conditions.isImpatient ? 1_000 : 15_000;
    },
  };
}

const gcs = (conditions: Conditions): Source =>
  gcsSource(
    { bucket: "artifacts", object: "packed/api (ü).json", generation: undefined },
    optionsFor(conditions, {
      ...found,
      headers: async () => ({ authorization: `Bearer ${TOKEN}` }),
    }),
  );

const blob = (conditions: Conditions): Source =>
  azureBlobSource(
    { account: "artifacts", container: "packed", blob: "api (ü).json", query: [], host: undefined },
    optionsFor(conditions, { ...found, token: async () => TOKEN }),
  );

async function openBucket(
  t: TestContext,
  speech: BucketSpeech,
  open: (conditions: Conditions) => Source,
): Promise<Origin> {
  const bucket = new FakeBucket(speech);
  const { fails } = bucket;
  const conditions = { network: await bucket.listen(t), isImpatient: false };
  const soon = (act: () => void): (() => Promise<void>) => {
    return async () => {
      bucket.token = TOKEN;
      conditions.isImpatient = false;
      act();
    };
  };
  return {
    source: open(conditions),
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
      hangs: soon(() => {
        conditions.isImpatient = true;
        fails.byHanging();
      }),
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
