/** Parts of a Markdown document that are made and not written stand between two comments. */

/** @throws Error if the document has no such block. */
export function blockOf(document: string, name: string): string {
  const [start, end] = bounds(document, name);
  return document.slice(start, end).trim();
}

/** The document with the block replaced. @throws Error if it has none. */
export function withBlock(document: string, name: string, text: string): string {
  const [start, end] = bounds(document, name);
  return `${document.slice(0, start)}\n\n${text}\n\n${document.slice(end)}`;
}

function bounds(document: string, name: string): readonly [number, number] {
  const opening = `<!-- ${name}: made, do not edit -->`;
  const start = document.indexOf(opening);
  const end = document.indexOf(`<!-- end of ${name} -->`);
  if (start === -1 || end < start) throw new Error(`there is no block "${name}"`);
  return [start + opening.length, end];
}
