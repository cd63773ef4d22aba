/** Texts shorter than this are not hidden: they would turn up by chance in harmless places. */
const SHORTEST_HIDDEN = 6;

/** So many of the texts that took each other's place: an answer to the last one may still be under way. */
const ROTATED_KEPT = 8;

/** Texts that no line of the log may show, in any form in which one could stand there. */
export class HiddenTexts {
  readonly #lasting = new Set<string>();
  readonly #rotating = new Map<string, readonly string[]>();
  /** Longest first: one may begin like another. */
  #forms: readonly string[] = [];

  /**
   * From now on this text is hidden.
   *
   * @param rotating - what it is the latest of, such as a token that changes every hour. Of these only the
   * last few stay hidden, so that an agent that runs for years does not gather them.
   */
  hide(text: string, rotating?: string): void {
    if (rotating === undefined) this.#lasting.add(text);
    else {
      const earlier = (this.#rotating.get(rotating) ?? []).filter((each) => each !== text);
      this.#rotating.set(rotating, [...earlier, text].slice(-ROTATED_KEPT));
    }
    const texts = [...this.#lasting, ...[...this.#rotating.values()].flat()];
    const forms = new Set(texts.flatMap(formsOf));
    this.#forms = [...forms].toSorted((a, b) => b.length - a.length);
  }

  /** The text, with what is hidden replaced. */
  redact(text: string): string {
    return this.#forms.reduce((clean, form) => clean.replaceAll(form, "[hidden]"), text);
  }
}

function formsOf(text: string): readonly string[] {
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
  return forms.filter((form) => form.length >= SHORTEST_HIDDEN);
}
