import type { OutgoingHttpHeaders } from "node:http";
import { type Asked, authorizationOf, CodeHost, type Reply, segmentsOf } from "./code-host.ts";
import { blobId } from "./repository.ts";

const DOCS = "https://docs.github.com/rest";
const RAW = /application\/vnd\.github\.(?:v3\.)?raw/;

const problem = (status: number, message: string, headers = {}): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: { message, documentation_url: DOCS, status: String(status) },
});

/** GitHub's REST API, as far as contents and commits go. */
export class GitHubHost extends CodeHost {
  token = "github_pat_test_0123456789";
  /** Requests left in this hour; a 304 does not count. */
  remaining = 5_000;
  /** What the token may not do, as GitHub says it. */
  denied: Reply | undefined;

  static readonly refusals = {
    forbidden: problem(403, "Resource not accessible by personal access token", {
      "x-accepted-github-permissions": "contents=read",
    }),
    singleSignOn: problem(
      403,
      "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
      {
        "x-github-sso":
          "required; url=https://github.com/orgs/acme/sso?authorization_request=A1B2C3SECRET",
      },
    ),
    serverError: problem(502, "Server Error"),
    rateLimited: problem(403, "API rate limit exceeded for user ID 1.", {
      "retry-after": "7",
      "x-ratelimit-remaining": "0",
    }),
    secondary: problem(
      403,
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    ),
    resetOnly: (seconds: number): Reply =>
      problem(403, "API rate limit exceeded for user ID 1.", {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + seconds),
      }),
  };

  protected answer(asked: Asked): Reply {
    const { headers } = asked;
    if (headers["user-agent"] === undefined) {
      return problem(403, "Request forbidden by administrative rules. Add a User-Agent header.");
    }
    if (headers["x-github-api-version"] !== "2022-11-28") {
      return problem(400, "The version is not supported.");
    }
    const given = authorizationOf(headers);
    if (given !== undefined && given !== this.token) return problem(401, "Bad credentials");
    const reply = given === undefined ? problem(404, "Not Found") : this.#read(asked);
    if (reply.status !== 304) this.remaining--;
    return { ...reply, headers: { ...this.#limits(), ...reply.headers } };
  }

  #limits(): OutgoingHttpHeaders {
    return {
      "x-ratelimit-limit": "5000",
      "x-ratelimit-remaining": String(this.remaining),
      "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 1_800),
      "x-ratelimit-resource": "core",
    };
  }

  #read(asked: Asked): Reply {
    const [root, owner, name, what, ...rest] = segmentsOf(asked.path);
    const named = root === "repos" ? `${owner}/${name}` : undefined;
    if (named !== undefined && named === this.formerRepo) {
      const location = `${this.address}${asked.path.replace(named, this.repo)}?${asked.query.toString()}`;
      return { ...problem(301, "Moved Permanently"), headers: { location } };
    }
    if (named !== this.repo) return problem(404, "Not Found");
    if (this.denied !== undefined) return this.denied;
    if (what === "commits") return this.#commit(rest.join("/"));
    if (what !== "contents") return problem(404, "Not Found");
    const ref = asked.query.get("ref") ?? "HEAD";
    const hash = this.repository.resolve(ref);
    if (hash === undefined) {
      const message =
        ref === "HEAD" ? "This repository is empty." : `No commit found for the ref ${ref}`;
      return problem(404, message);
    }
    const bytes = this.repository.file(hash, rest.join("/"));
    if (bytes === undefined) return problem(404, "Not Found");
    const etag = `W/"${blobId(bytes)}"`;
    if (asked.headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
    if (!RAW.test(asked.headers.accept ?? "")) {
      const content = bytes.length > 1024 * 1024 ? "" : bytes.toString("base64");
      return {
        status: 200,
        headers: { etag },
        body: { type: "file", size: bytes.length, content },
      };
    }
    const type = "application/vnd.github.raw+json; charset=utf-8";
    return { status: 200, headers: { etag, "content-type": type }, body: bytes, file: true };
  }

  #commit(ref: string): Reply {
    if (this.repository.branches.size === 0) return problem(409, "Git Repository is empty.");
    const hash = this.repository.resolve(ref);
    if (hash === undefined) return problem(422, `No commit found for SHA: ${ref}`);
    return { status: 200, headers: { "content-type": "application/vnd.github.sha" }, body: hash };
  }
}
