export interface AzureKeyUrl {
  /** Lower case, without anything but host, name and version. */
  readonly url: string;
  readonly vault: string;
  readonly name: string;
  readonly version: string | undefined;
  /** What a token must be for, to be taken there. */
  readonly scope: string;
}

/**
 * The hosts of vaults and managed HSMs in the Azure clouds
 * (https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates, "DNS suffixes").
 */
const SUFFIXES: readonly string[] = [
  "vault.azure.net",
  "managedhsm.azure.net",
  "vault.azure.cn",
  "managedhsm.azure.cn",
  "vault.usgovcloudapi.net",
  "managedhsm.usgovcloudapi.net",
];

const KEY =
  /^https:\/\/([a-z0-9][a-z0-9-]{1,22}[a-z0-9])\.([a-z.]+)\/keys\/([a-z0-9-]{1,127})(?:\/([0-9a-f]{32}))?$/i;

/**
 * Reads the URL of a key. It stands in an artifact, and a token is sent to where it leads, so it must
 * be the plain address of a key in a real vault and nothing more: no port, no user, no query.
 *
 * @returns undefined for anything else.
 */
export function parseAzureKeyUrl(text: string): AzureKeyUrl | undefined {
  const [, vault = "", suffix = "", name = "", version] = KEY.exec(text) ?? [];
  const known = SUFFIXES.find((each) => each === suffix.toLowerCase());
  if (known === undefined) return undefined;
  const host = `${vault.toLowerCase()}.${known}`;
  const id = version?.toLowerCase();
  const url = `https://${host}/keys/${name}${id === undefined ? "" : `/${id}`}`;
  return { url, vault: host, name, version: id, scope: `https://${known}/.default` };
}
