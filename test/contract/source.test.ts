import { chmod, open as openFile, readFile, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { VcsProvider } from "../../src/config/vcs-credential.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { fileSource } from "../../src/source/file.ts";
import { httpSource } from "../../src/source/http.ts";
import type { Delivery, Reply } from "../support/code-hosts/code-host.ts";
import { ARTIFACT_PATH, configFor, HOSTS, sourceFor } from "../support/code-hosts/sources.ts";
import { inPieces, listening, openElsewhere } from "../support/listening.ts";
import { DIRECT } from "../support/network.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Origin, sourceContract } from "./source.contract.ts";

async function openFileOrigin(t: TestContext): Promise<Origin> {
  const path = join(await temporaryDirectory(t), "artifact.json");
  return {
    source: fileSource(path),
    credential: undefined,
    holds: (bytes) => writeFile(path, bytes),
    sentBytes: null,
    sendsSlowly: null,
    redirects: null,
    failures: {
      notFound: () => rm(path, { force: true }),
      async forbidden() {
        await writeFile(path, "x");
        await chmod(path, 0);
        const readable = await readFile(path).catch(() => undefined);
        return readable === undefined ? undefined : "this user may read any file (root)";
      },
      unauthorized: null,
      serverError: null,
      rateLimited: null,
      hangs: null,
      cutShort: null,
      async tooLarge() {
        const file = await openFile(path, "w");
        await file.truncate(ARTIFACT_MAX_BYTES + 1);
        await file.close();
      },
    },
  };
}

const PASSWORD = "pw-alpha-secret";

async function openHttpOrigin(t: TestContext): Promise<Origin> {
  let handle: RequestListener = (_, response) => response.writeHead(404).end();
  let held: Uint8Array = Buffer.alloc(0);
  let sent = 0;
  const port = await listening(t, (request, response) => handle(request, response));
  const url = new URL(`http://user:${PASSWORD}@127.0.0.1:${port}/artifact.json?sig=${PASSWORD}`);
  const answers = (listener: RequestListener): Promise<void> => {
    handle = listener;
    return Promise.resolve();
  };
  const status = (code: number, headers: Record<string, string> = {}): (() => Promise<void>) => {
    return () => answers((_, response) => response.writeHead(code, headers).end("no"));
  };
  return {
    source: httpSource(url, { network: DIRECT, deadlineMs: 2_000 }),
    credential: PASSWORD,
    holds(bytes) {
      held = bytes;
      const etag = `"${Buffer.from(bytes.subarray(0, 100)).toString("hex")}-${bytes.length}"`;
      return answers((request, response) => {
        if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
        else {
          sent += bytes.length;
          response.writeHead(200, { etag }).end(bytes);
        }
      });
    },
    sentBytes: () => sent,
    sendsSlowly: () =>
      answers((_, response) => {
        response.writeHead(200);
        inPieces(held, response);
      }),
    async redirects(bytes) {
      const elsewhere = await openElsewhere(t, bytes);
      await answers((_, response) =>
        response.writeHead(302, { location: `${elsewhere.address}/moved` }).end(),
      );
      return elsewhere;
    },
    failures: {
      notFound: status(404),
      forbidden: () => status(403)().then(() => undefined),
      unauthorized: status(401),
      serverError: status(503),
      rateLimited: status(429, { "retry-after": "7" }),
      hangs: () => answers((_, response) => void response.writeHead(200).write("{")),
      cutShort: () =>
        answers((_, response) => {
          response.writeHead(200, { "content-length": "1000" });
          response.write("{", () => response.destroy());
        }),
      tooLarge: () =>
        answers((_, response) => {
          const chunk = Buffer.alloc(1024 * 1024);
          const more = (): void => {
            while (!response.destroyed && response.write(chunk));
          };
          response.on("drain", more);
          more();
        }),
    },
  };
}

async function openCodeHost(t: TestContext, provider: VcsProvider): Promise<Origin> {
  const host = await new HOSTS[provider]().listen(t);
  const { refusals } = HOSTS[provider];
  const { token } = host;
  const holds = (bytes: Uint8Array | undefined): Promise<void> => {
    host.token = token;
    host.refusal = undefined;
    host.delivery = "whole";
    host.repository.commit("main", ARTIFACT_PATH, bytes);
    return Promise.resolve();
  };
  const refuses = (refusal: Reply): (() => Promise<void>) => {
    return () => {
      host.refusal = refusal;
      return Promise.resolve();
    };
  };
  const delivers = (delivery: Delivery): (() => Promise<void>) => {
    return async () => {
      await holds(Buffer.from("{}"));
      host.delivery = delivery;
    };
  };
  return {
    source: sourceFor(configFor(provider, host)),
    credential: token,
    holds,
    sentBytes: () => host.sentBytes,
    sendsSlowly() {
      host.delivery = "slow";
      return Promise.resolve();
    },
    async redirects(bytes) {
      await holds(bytes);
      return host.sendElsewhere(t, bytes);
    },
    failures: {
      notFound: () => holds(undefined),
      forbidden: () => refuses(refusals.forbidden)().then(() => undefined),
      unauthorized() {
        host.token = "another";
        return Promise.resolve();
      },
      serverError: refuses(refusals.serverError),
      rateLimited: refuses(refusals.rateLimited),
      hangs: delivers("hangs"),
      cutShort: delivers("cut"),
      tooLarge: delivers("endless"),
    },
  };
}

sourceContract({ name: "file", type: "file", open: openFileOrigin });
sourceContract({ name: "HTTP", type: "http", open: openHttpOrigin });
for (const [provider, name] of [
  ["github", "GitHub"],
  ["gitlab", "GitLab"],
  ["bitbucket", "Bitbucket"],
  ["gitea", "Gitea"],
] as const) {
  sourceContract({ name, type: "vcs", open: (t) => openCodeHost(t, provider) });
}
