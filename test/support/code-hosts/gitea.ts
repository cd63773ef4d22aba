import { type Asked, authorizationOf, CodeHost, type Reply, segmentsOf } from "./code-host.ts";
import { blobId } from "./repository.ts";

const problem = (status: number, message: string, headers = {}): Reply => ({
  status,
  headers: { "content-type": "application/json;charset=utf-8", ...headers },
  body: { message, url: "https://gitea.example/api/swagger" },
});

/** Gitea's REST API, as far as repositories, raw files and commits go; Forgejo has the same. */
export class GiteaHost extends CodeHost {
  token = "0123456789abcdef0123456789abcdef01234567";

  /** What the token may not do, as Gitea says it. */
  denied: Reply | undefined;

  static readonly refusals = {
    forbidden: problem(
      403,
      "token does not have at least one of required scope(s), required=[read:repository], token scope=read:user",
    ),
    serverError: problem(500, ""),
    rateLimited: problem(429, "Too Many Requests", { "retry-after": "7" }),
  };

  protected answer(asked: Asked): Reply {
    const given = authorizationOf(asked.headers);
    if (given !== undefined && given !== this.token) {
      return problem(401, "invalid username, password or token");
    }
    if (given === undefined) return NOT_FOUND;
    return this.denied ?? this.#read(asked);
  }

  #read({ path, query, headers }: Asked): Reply {
    const [api, version, root, owner, name, what, ...rest] = segmentsOf(path);
    if (api !== "api" || version !== "v1" || root !== "repos") return NOT_FOUND;
    const named = `${owner}/${name}`;
    if (named === this.formerRepo) {
      const location = `${this.address}${path.replace(named, this.repo)}?${query.toString()}`;
      return { status: 307, headers: { location } };
    }
    if (named !== this.repo) return NOT_FOUND;
    const isEmpty = this.repository.branches.size === 0;
    if (what === undefined) return { status: 200, body: { full_name: named, empty: isEmpty } };
    if (isEmpty) return NOT_FOUND;
    const hash = this.repository.resolve(query.get(what === "commits" ? "sha" : "ref") ?? "HEAD");
    if (hash === undefined) return NOT_FOUND;
    if (what === "commits") return { status: 200, body: [{ sha: hash }] };
    const bytes = what === "raw" ? this.repository.file(hash, rest.join("/")) : undefined;
    if (bytes === undefined) return NOT_FOUND;
    const etag = `"${blobId(bytes)}"`;
    if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
    const type = "application/octet-stream";
    return { status: 200, headers: { etag, "content-type": type }, body: bytes, file: true };
  }
}

const NOT_FOUND = problem(404, "The target couldn't be found.");
