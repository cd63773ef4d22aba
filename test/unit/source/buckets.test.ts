import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Network } from "../../../src/net/network.ts";
import { azureBlobSource } from "../../../src/source/azure-blob.ts";
import { gcsSource } from "../../../src/source/gcs.ts";
import type { FetchAnswer, Source } from "../../../src/source/source.ts";
import { coded } from "../../support/errors.ts";
import {
  BLOB_SPEECH,
  type BucketSpeech,
  FakeBucket,
  GCS_SPEECH,
} from "../../support/fake-bucket.ts";
import { installEnv } from "../../support/install-env.ts";
import { listening } from "../../support/listening.ts";
import { DIRECT } from "../../support/network.ts";

/** Look-ups of credentials as a test wants them, counted. */
class Lookups {
  count = 0;
  forgotten = 0;
  readonly trouble = undefined;
  /** What is found; undefined where the library finds nothing. */
  found: string | undefined;

  async look(): Promise<string> {
    this.count++;
    if (this.found === undefined) throw new Error("a library's own words");
    return this.found;
  }

  forget(): void {
    this.forgotten++;
  }
}

interface Kind {
  readonly speech: BucketSpeech;
  readonly open: (network: Network, lookups: Lookups) => Source;
  /** Names credentials, and the message then. */
  readonly names: Readonly<Record<string, string>>;
  readonly gaveNone: RegExp;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "Google Cloud Storage": {
    speech: GCS_SPEECH,
    open: (network, lookups) =>
      gcsSource(
        { bucket: "artifacts", object: "packed/api (ü).json", generation: undefined },
        {
          network,
          credentials: {
            trouble: undefined,
            forget: () => lookups.forget(),
            headers: async () => ({ authorization: `Bearer ${await lookups.look()}` }),
          },
        },
      ),
    names: { GOOGLE_APPLICATION_CREDENTIALS: "/gone.json" },
    gaveNone: /GOOGLE_APPLICATION_CREDENTIALS gave no Google credentials.*; check that file$/,
  },
  "Azure Blob Storage": {
    speech: BLOB_SPEECH,
    open: (network, lookups) =>
      azureBlobSource(
        {
          account: "artifacts",
          container: "packed",
          blob: "api (ü).json",
          query: [],
          host: undefined,
        },
        {
          network,
          credentials: {
            trouble: undefined,
            forget: () => lookups.forget(),
            token: () => lookups.look(),
          },
        },
      ),
    names: { AZURE_CLIENT_SECRET: "alpha-secret" },
    gaveNone:
      /AZURE_CLIENT_SECRET gave no Azure credentials.*; check AZURE_CLIENT_SECRET, AZURE_CL/,
  },
};

/** Nothing on this machine names credentials. */
const NAMELESS = {
  GOOGLE_APPLICATION_CREDENTIALS: "",
  CLOUDSDK_CONFIG: "/nonexistent",
  AZURE_CLIENT_SECRET: "",
  AZURE_CLIENT_CERTIFICATE_PATH: "",
  AZURE_FEDERATED_TOKEN_FILE: "",
};

const fetchFrom = (source: Source, etag?: string): Promise<FetchAnswer> =>
  source.fetch({ etag, signal: new AbortController().signal });

for (const [name, { speech, open, names, gaveNone }] of Object.entries(KINDS)) {
  describe(`an object in ${name}`, () => {
    async function opened(t: TestContext): Promise<[FakeBucket, Lookups, Source]> {
      installEnv(t, NAMELESS);
      const [bucket, lookups] = [new FakeBucket(speech), new Lookups()];
      const source = open(await bucket.listen(t), lookups);
      bucket.put(Buffer.from("{}"));
      return [bucket, lookups, source];
    }

    test("that is public is asked for without credentials where there are none, and none are looked for again", async (t) => {
      const [bucket, lookups, source] = await opened(t);
      bucket.isPublic = true;
      const first = await fetchFrom(source);
      assert.ok(first.kind === "bytes");
      assert.deepEqual(await fetchFrom(source, first.etag), { kind: "unchanged" });
      assert.ok(bucket.seen.every(({ authorization }) => authorization === undefined));
      assert.equal(lookups.count, 1);
    });

    test("that is no longer public is looked at with credentials again", async (t) => {
      const [bucket, lookups, source] = await opened(t);
      bucket.isPublic = true;
      await fetchFrom(source);
      bucket.isPublic = false;
      lookups.found = bucket.token;
      await assert.rejects(fetchFrom(source), coded("source_unauthorized", /without credentials/));
      assert.ok((await fetchFrom(source)).kind === "bytes");
    });

    test("that is not public is said to have been asked for without credentials", async (t) => {
      const [, , source] = await opened(t);
      await assert.rejects(
        fetchFrom(source),
        coded(
          "source_unauthorized",
          /it was asked without credentials, as no \w+ credentials were/,
        ),
      );
    });

    test("is not asked for where credentials are named and none come", async (t) => {
      const [bucket, , source] = await opened(t);
      bucket.isPublic = true;
      installEnv(t, names);
      await assert.rejects(fetchFrom(source), coded("source_unauthorized", gaveNone));
      assert.deepEqual(bucket.seen, []);
    });

    test("is asked for once more with new credentials when these are refused", async (t) => {
      const [bucket, lookups, source] = await opened(t);
      lookups.found = "stale";
      await assert.rejects(fetchFrom(source), coded("source_unauthorized", /answered 401/));
      assert.deepEqual([lookups.forgotten, bucket.seen.length], [1, 2]);
      lookups.found = bucket.token;
      assert.ok((await fetchFrom(source)).kind === "bytes");
      assert.deepEqual([lookups.forgotten, bucket.seen.length], [1, 3]);
    });
  });
}

describe("a shared access signature in AZURE_STORAGE_CONNECTION_STRING", () => {
  const HOUR_MS = 3_600_000;
  const signed = (endsAt: Date): string =>
    `sv=2024-11-04&se=${endsAt.toISOString()}&sig=alpha-sig%3D`;

  async function refused(t: TestContext, endsAt: Date): Promise<Source> {
    const port = await listening(t, (request, response) => {
      assert.match(request.url ?? "", /[?&]sig=alpha-sig%3D/);
      response.writeHead(403, { "x-ms-error-code": "AuthenticationFailed" }).end();
    });
    installEnv(t, {
      AZURE_STORAGE_CONNECTION_STRING: `AccountName=artifacts;BlobEndpoint=http://127.0.0.1:${port}/artifacts;SharedAccessSignature=${signed(endsAt)}`,
    });
    const location = { account: "artifacts", container: "packed", blob: "a.json" };
    return azureBlobSource({ ...location, query: [], host: undefined }, { network: DIRECT });
  }

  test("that has expired is said to have, and when", async (t) => {
    const endsAt = new Date(Date.now() - HOUR_MS);
    const source = await refused(t, endsAt);
    await assert.rejects(fetchFrom(source), (error) => {
      coded(
        "source_unauthorized",
        /the shared access signature in AZURE_STORAGE_CONNECTION_STRING expired at .*; write a new one/,
      )(error);
      assert.ok(String(error).includes(endsAt.toISOString()));
      assert.doesNotMatch(String(error), /alpha-sig/);
      return true;
    });
  });

  test("that is good still is refused for what it is", async (t) => {
    const source = await refused(t, new Date(Date.now() + HOUR_MS));
    await assert.rejects(
      fetchFrom(source),
      coded("source_unauthorized", /does not accept the credentials of AZURE_STORAGE_CONNECTION_S/),
    );
  });
});
