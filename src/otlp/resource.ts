import { resourceFromAttributes } from "@opentelemetry/resources";
import { VERSION } from "../version.ts";
import type { About } from "./about.ts";

export type Resource = ReturnType<typeof resourceFromAttributes>;

/** The resource of everything that is sent. */
export function resourceOf(about: About): Resource {
  return resourceFromAttributes({ ...about.attributes });
}

/** The instrumentation scope of all records. One object, as the serialisers group by it. */
export const SCOPE: { readonly name: string; readonly version: string } = {
  name: "clef.runtime",
  version: VERSION,
};
