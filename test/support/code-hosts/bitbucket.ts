import { type Asked, authorizationOf, CodeHost, type Reply } from "./code-host.ts";
import { blobId } from "./repository.ts";

const problem = (status: number, message: string, headers = {}): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: { type: "error", error: { message } },
});

/** Bitbucket Cloud's REST API, as far as sources, refs and commits go. */
export class BitbucketHost extends CodeHost {
  /** An access token as it is, or `email:token`, `username:password`. */
  token = "ATCTT3xTest-0123456789";
  denied: Reply | undefined;

  static readonly refusals = {
    forbidden: problem(403, "Your credentials lack one or more required privilege scopes."),
    serverError: problem(503, "Service unavailable"),
    rateLimited: problem(429, "Rate limit for this resource has been exceeded", {
      "retry-after": "7",
    }),
    withoutWait: problem(429, "Rate limit for this resource has been exceeded"),
  };

  protected answer(asked: Asked): Reply {
    if (authorizationOf(asked.headers) !== this.token) {
      return problem(401, "Token is invalid, expired, or not supported for this endpoint.", {
        "www-authenticate": 'Bearer realm="Bitbucket.org HTTP"',
      });
    }
    // An encoded slash counts as a slash here, which is why some branches cannot stand in a path.
    const [, version, root, workspace = "", slug = "", what, ...rest] = decodeURIComponent(
      asked.path,
    ).split("/");
    if (version !== "2.0" || root !== "repositories") return problem(404, "Resource not found");
    const named = `${workspace}/${slug}`;
    if (named === this.formerRepo) {
      const location = `${this.address}${asked.path.replace(named, this.repo)}?${asked.query.toString()}`;
      return { status: 301, headers: { location } };
    }
    if (named !== this.repo) {
      return problem(404, `Repository ${named} not found`);
    }
    if (this.denied !== undefined) return this.denied;
    return this.#read(asked, what, rest);
  }

  #read(asked: Asked, what: string | undefined, rest: readonly string[]): Reply {
    const { repository } = this;
    const json = (body: Record<string, unknown>): Reply => ({
      status: 200,
      body: chosen(body, asked.query.get("fields")),
    });
    switch (what) {
      case undefined: {
        const { defaultBranch: name } = repository;
        const mainbranch = name === undefined ? null : { type: "branch", name };
        return json({ type: "repository", full_name: this.repo, is_private: true, mainbranch });
      }
      case "refs": {
        const [kind, ...name] = rest;
        const refs = kind === "tags" ? repository.tags : repository.branches;
        const hash = refs.get(name.join("/"));
        if (hash === undefined) return problem(404, `No such ${kind}`);
        return json({ name: name.join("/"), target: { type: "commit", hash } });
      }
      case "commits": {
        const hash = repository.resolve(rest.join("/"));
        return hash === undefined ? problem(404, "Commit not found") : json({ values: [{ hash }] });
      }
      case "src":
        return this.#source(asked, rest, json);
      default:
        return problem(404, "Resource not found");
    }
  }

  #source(
    asked: Asked,
    [ref = "", ...path]: readonly string[],
    json: (body: Record<string, unknown>) => Reply,
  ): Reply {
    const hash = this.repository.resolve(ref);
    if (hash === undefined) return problem(404, "Commit not found");
    const bytes = this.repository.file(hash, path.join("/"));
    if (bytes === undefined) return problem(404, `No such file or directory: ${path.join("/")}`);
    if (asked.query.get("format") === "meta") {
      const commit = { type: "commit", hash };
      return json({ type: "commit_file", path: path.join("/"), commit, size: bytes.length });
    }
    const headers = {
      etag: `"${blobId(bytes)}"`,
      "content-type": "application/json",
      "content-disposition": "attachment",
    };
    return { status: 200, headers, body: bytes, file: true };
  }
}

/** Only the fields that `?fields=` names, each a path of names. */
function chosen(body: Record<string, unknown>, fields: string | null): object {
  if (fields === null) return body;
  const picked: Record<string, unknown> = {};
  for (const field of fields.split(",")) {
    const [name = "", ...rest] = field.split(".");
    const value = body[name];
    const nested = rest.length > 0 && typeof value === "object" && value !== null;
    if (Array.isArray(value) && rest.length > 0) {
      picked[name] = value.map((one: Record<string, unknown>) => chosen(one, rest.join(".")));
    } else if (nested) {
      picked[name] = chosen(Object.fromEntries(Object.entries(value)), rest.join("."));
    } else if (value !== undefined) picked[name] = value;
  }
  return picked;
}
