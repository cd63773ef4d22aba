/**
 * When a signed URL stops to work, by what it says itself: `X-Amz-Date` and `X-Amz-Expires` (Amazon S3 API
 * Reference, "Authenticating requests: query parameters"), their twins of Google Cloud Storage, `Expires` of
 * the older signatures of both, and `se` of an Azure shared access signature.
 *
 * @returns undefined for a URL that says nothing of the kind.
 */
export function urlExpiresAt({ searchParams }: URL): Date | undefined {
  for (const prefix of ["X-Amz", "X-Goog"]) {
    const signedAt = basicIsoDate(searchParams.get(`${prefix}-Date`) ?? "");
    const seconds = wholeNumber(searchParams.get(`${prefix}-Expires`));
    if (seconds !== undefined && !Number.isNaN(signedAt)) return dateOf(signedAt + seconds * 1000);
  }
  const expires = wholeNumber(searchParams.get("Expires"));
  if (expires !== undefined && searchParams.has("Signature")) return dateOf(expires * 1000);
  const end = searchParams.get("se");
  return end !== null && searchParams.has("sig") ? dateOf(Date.parse(end)) : undefined;
}

/** Such as 20261127T120000Z; not a number for anything else. */
function basicIsoDate(text: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function dateOf(ms: number): Date | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
