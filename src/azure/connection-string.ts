import { createHmac } from "node:crypto";

/** What a connection string says of the blobs of one account. */
export interface BlobConnection {
  readonly account: string;
  /** Where its containers are, without a slash at the end. */
  readonly endpoint: string;
  /** The account's own key, or a shared access signature. */
  readonly key: Buffer | undefined;
  readonly sas: string | undefined;
}

/** The account that every emulator has; its key is no secret (https://learn.microsoft.com/azure/storage/common/storage-use-azurite). */
const EMULATOR = {
  AccountName: "devstoreaccount1",
  AccountKey:
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  BlobEndpoint: "http://127.0.0.1:10000/devstoreaccount1",
};

/**
 * Reads a connection string (https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string).
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseConnectionString(text: string): BlobConnection {
  const pairs = text.split(";").filter((part) => part.trim() !== "");
  const given: Record<string, string> = Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      return [pair.slice(0, Math.max(equals, 0)).trim(), pair.slice(equals + 1).trim()];
    }),
  );
  const settings =
    given["UseDevelopmentStorage"]?.toLowerCase() === "true" ? { ...EMULATOR, ...given } : given;
  const scheme = settings["DefaultEndpointsProtocol"] ?? "https";
  const suffix = settings["EndpointSuffix"] ?? "core.windows.net";
  const account =
    settings["AccountName"] ??
    /^https?:\/\/([a-z0-9]+)\./.exec(settings["BlobEndpoint"] ?? "")?.[1];
  if (account === undefined) throw new Error("it names no account");
  const url = URL.parse(settings["BlobEndpoint"] ?? `${scheme}://${account}.blob.${suffix}`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error("its BlobEndpoint is no URL");
  const key = settings["AccountKey"];
  return {
    account,
    endpoint: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    key: key === undefined ? undefined : Buffer.from(key, "base64"),
    sas: settings["SharedAccessSignature"]?.replace(/^\?/, ""),
  };
}

/**
 * The header that signs a GET with the account's key
 * (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key).
 */
export function sharedKeyHeader(
  { account, key }: { readonly account: string; readonly key: Buffer },
  url: URL,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const xms = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith("x-ms-"))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const query = [...url.searchParams]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `\n${name.toLowerCase()}:${value}`);
  // Method, then eleven standard headers of which a conditional GET has one.
  const standard = ["GET", "", "", "", "", "", "", "", "", headers["if-none-match"] ?? "", "", ""];
  const text = `${standard.join("\n")}\n${xms.join("")}/${account}${url.pathname}${query.join("")}`;
  const signature = createHmac("sha256", key).update(text, "utf8").digest("base64");
  return { authorization: `SharedKey ${account}:${signature}` };
}
