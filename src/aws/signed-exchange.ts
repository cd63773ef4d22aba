import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { exchange, type HttpRequest } from "../net/exchange.ts";
import type { Exchange } from "../net/outcome.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { AwsService } from "./settings.ts";

export interface SigningScope {
  readonly service: AwsService;
  readonly region: string;
  readonly credentials: AwsCredentials;
}

type Headers = Readonly<Record<string, string>>;

/**
 * The one bounded request of the agent, signed with Signature Version 4. The URL goes out as it is, so
 * its path must already be encoded as the service wants it. A redirect is handed to the caller, since
 * a signature holds for one host.
 */
export async function signedExchange(
  scope: SigningScope,
  request: Omit<HttpRequest, "redirects">,
  send: (request: HttpRequest) => Promise<Exchange> = exchange,
): Promise<Exchange> {
  const headers = { ...request.headers, ...(await signatureHeaders(scope, request)) };
  return send({ ...request, headers, redirects: "return" });
}

/**
 * The headers that sign a request. They cover the host, the body and what the service acts on; a
 * proxy may change any other header.
 */
async function signatureHeaders(
  { service, region, credentials }: SigningScope,
  { method, url, headers, body }: Omit<HttpRequest, "redirects">,
): Promise<Headers> {
  const signer = new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    // S3 alone signs the path as it is sent (Amazon S3 API Reference, "Signature Calculations").
    uriEscapePath: service !== "s3",
  });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { ...only(headers, /^(?:content-type|x-amz-.*)$/i), host: url.host },
    body,
  });
  // `fetch` sets the host itself, from the URL.
  return only(signed.headers, /^(?!host$)/i);
}

function only(headers: Headers, names: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.test(name)));
}

function queryOf(url: URL): Record<string, string[]> {
  const names = [...new Set(url.searchParams.keys())];
  return Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)]));
}
