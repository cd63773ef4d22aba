import type { OutgoingHttpHeaders } from "node:http";
import { type Asked, authorizationOf, CodeHost, type Reply, segmentsOf } from "./code-host.ts";
import { blobId } from "./repository.ts";

const problem = (status: number, message: string, headers = {}): Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: { message },
});

/** GitLab's REST API, as far as raw files go. */
export class GitLabHost extends CodeHost {
  /** Taken in PRIVATE-TOKEN and as a bearer. */
  token = "glpat-test-0123456789";
  oauthToken = "0123456789abcdef".repeat(4);
  /** Taken in JOB-TOKEN only. */
  jobToken = "glcbt-64_test-0123456789";
  denied: Reply | undefined;
  /** Whether GET names the contents too, which is documented for HEAD only. */
  namesContents = true;

  static readonly refusals = {
    forbidden: problem(403, "403 Forbidden"),
    insufficientScope: {
      status: 403,
      body: {
        error: "insufficient_scope",
        error_description:
          "The request requires higher privileges than provided by the access token.",
        scope: "api read_api read_repository",
      },
    },
    serverError: problem(500, "500 Internal Server Error"),
    rateLimited: {
      status: 429,
      headers: { "content-type": "text/plain", "retry-after": "7", "ratelimit-remaining": "0" },
      body: "Retry later\n",
    },
    resetOnly: (seconds: number): Reply => ({
      status: 429,
      headers: {
        "content-type": "text/plain",
        "ratelimit-remaining": "0",
        "ratelimit-reset": String(Math.floor(Date.now() / 1000) + seconds),
      },
      body: "Retry later\n",
    }),
  } satisfies Record<string, Reply | ((seconds: number) => Reply)>;

  protected answer(asked: Asked): Reply {
    const segments = segmentsOf(asked.path);
    const [api, version, projects, project = "", repository, files, path = "", raw, ...more] =
      segments;
    const fits =
      [api, version, projects, repository, files, raw].join() ===
        "api,v4,projects,repository,files,raw" && more.length === 0;
    if (!fits) return { status: 404, body: { error: "404 Not Found" } };
    if (!this.#knows(asked.headers)) return problem(401, "401 Unauthorized");
    if (project === this.formerRepo) return this.#moved(asked);
    if (project !== this.repo) return problem(404, "404 Project Not Found");
    if (this.denied !== undefined) return this.denied;
    const ref = asked.query.get("ref");
    if (ref === null) return { status: 400, body: { error: "ref is missing" } };
    const commit = this.repository.resolve(ref);
    if (commit === undefined) return problem(404, "404 Commit Not Found");
    const bytes = this.repository.file(commit, path);
    if (bytes === undefined) return problem(404, "404 File Not Found");
    const headers = fileHeaders(path, ref, commit, bytes);
    if (!this.namesContents && asked.method === "GET") delete headers["x-gitlab-blob-id"];
    return { status: 200, headers, body: bytes, file: true };
  }

  #knows(headers: Asked["headers"]): boolean {
    const one = (name: string): unknown => headers[name];
    if (one("job-token") !== undefined) return one("job-token") === this.jobToken;
    const token = one("private-token");
    if (token !== undefined) return token === this.token;
    const bearer = authorizationOf(headers);
    return bearer === this.token || bearer === this.oauthToken;
  }

  /** A project that was renamed is redirected to, but only for GET. */
  #moved({ method, path, query }: Asked): Reply {
    if (method !== "GET") {
      const message = "405 Method Not Allowed: Non GET methods are not allowed for moved projects";
      return problem(405, message);
    }
    const encoded = encodeURIComponent(this.formerRepo ?? "");
    const location = `${this.address}${path.replace(encoded, encodeURIComponent(this.repo))}?${query.toString()}`;
    return { status: 301, headers: { location } };
  }
}

function fileHeaders(
  path: string,
  ref: string,
  commit: string,
  bytes: Buffer,
): OutgoingHttpHeaders {
  return {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store, no-cache",
    "x-gitlab-blob-id": blobId(bytes),
    "x-gitlab-commit-id": commit,
    "x-gitlab-last-commit-id": commit,
    "x-gitlab-file-name": encodeURIComponent(path.split("/").at(-1) ?? ""),
    "x-gitlab-ref": encodeURIComponent(ref),
    "x-gitlab-size": String(bytes.length),
  };
}
