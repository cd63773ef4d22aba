/** @throws Error if `text` is no http(s) URL. */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error("it is not a valid http:// or https:// URL");
  }
  url.hash = "";
  return url;
}
