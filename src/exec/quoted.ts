/** More of a name than this tells nobody more. */
const SHOWN = 100;

/** A name for a message, however long it is. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
}
