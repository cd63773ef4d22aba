import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { verifySignature } from "./sigv4.ts";

/** Temporary credentials, good for an hour unless a test says otherwise. */
export interface Issued {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

export function issued(name: string, lifetimeMs = 3_600_000): Issued {
  return {
    accessKeyId: `ASIA${name.toUpperCase()}`,
    secretAccessKey: `issued-secret-${name}`,
    sessionToken: `issued-token-${name}`,
    expiresAt: new Date(Date.now() + lifetimeMs),
  };
}

/** As IMDS, the container endpoints and credential processes write them. */
const asJson = ({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: Issued): object => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  Expiration: expiresAt.toISOString(),
  ...(sessionToken === "" ? {} : { Token: sessionToken }),
});

export function asProcessOutput(credentials: Issued): string {
  const { Token, ...rest } = asJson(credentials) as Record<string, string>;
  return JSON.stringify({ Version: 1, ...rest, SessionToken: Token });
}

/** Instance metadata, version 2: nothing without a token that was asked for by PUT. */
export function imds(give: () => Issued): RequestListener {
  const token = "imds-session-token";
  const roles = "/latest/meta-data/iam/security-credentials/";
  return (request, response) => {
    const { method, url, headers } = request;
    if (method === "PUT" && url === "/latest/api/token") {
      const asked = headers["x-aws-ec2-metadata-token-ttl-seconds"] !== undefined;
      response.writeHead(asked ? 200 : 400).end(asked ? token : "");
    } else if (headers["x-aws-ec2-metadata-token"] !== token) {
      response.writeHead(401).end();
    } else if (url === roles) {
      response.end("reader");
    } else if (url === `${roles}reader`) {
      response.end(JSON.stringify({ Code: "Success", Type: "AWS-HMAC", ...asJson(give()) }));
    } else {
      response.writeHead(404).end();
    }
  };
}

/** The endpoint of ECS and of EKS Pod Identity, which wants the token of the container. */
export function containerEndpoint(authorization: string, give: () => Issued): RequestListener {
  return (request, response) => {
    if (request.headers.authorization !== authorization) response.writeHead(401).end("{}");
    else response.end(JSON.stringify(asJson(give())));
  };
}

interface StsOptions {
  readonly give: () => Issued;
  /** What the web identity token must be. */
  readonly webIdentityToken?: string;
  /** Who may assume a role, with a signature. */
  readonly callers?: Readonly<Record<string, { readonly secretAccessKey: string }>>;
}

/** STS: AssumeRoleWithWebIdentity and AssumeRole (AWS Security Token Service API Reference). */
export function sts({ give, webIdentityToken, callers = {} }: StsOptions): RequestListener {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const form = new URLSearchParams(body.toString());
    const action = form.get("Action") ?? "";
    assert.match(form.get("RoleArn") ?? "", /^arn:aws:iam::\d{12}:role\//);
    const { method = "", url: target = "", headers } = request;
    const verdict = verifySignature(
      { method, target, headers, body },
      { service: "sts", region: "eu-west-1", keys: callers, nowMs: Date.now() },
    );
    const allowed =
      action === "AssumeRoleWithWebIdentity"
        ? form.get("WebIdentityToken") === webIdentityToken
        : action === "AssumeRole" && verdict.kind === "signed";
    response.setHeader("content-type", "text/xml");
    if (!allowed) {
      const code = action === "AssumeRole" ? "AccessDenied" : "InvalidIdentityToken";
      response.writeHead(action === "AssumeRole" ? 403 : 400);
      response.end(
        `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>No, ${form.get("WebIdentityToken")}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
      );
      return;
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = give();
    response.end(
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${expiresAt.toISOString()}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/reader/b</Arn></AssumedRoleUser></${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`,
    );
  };
  return (request, response) => void answer(request, response);
}

/** IAM Identity Center's portal, which gives credentials to who logged in. */
export function ssoPortal(accessToken: string, give: () => Issued): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? "", "http://portal");
    response.setHeader("content-type", "application/json");
    const known =
      url.pathname === "/federation/credentials" &&
      request.headers["x-amz-sso_bearer_token"] === accessToken;
    if (!known) {
      response.writeHead(401, { "x-amzn-errortype": "UnauthorizedException" }).end("{}");
      return;
    }
    const { expiresAt, ...credentials } = give();
    response.end(
      JSON.stringify({ roleCredentials: { ...credentials, expiration: expiresAt.getTime() } }),
    );
  };
}

/** Where `aws sso login` keeps the token of a session, below the home directory. */
export function ssoTokenPath(session: string): string {
  return `.aws/sso/cache/${createHash("sha1").update(session).digest("hex")}.json`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
