import { type ErrorCode, REASON_CODES, SOURCE_CODES } from "../errors.ts";
import type { Outcome } from "../refresh/attempt.ts";

/** Attempts to refresh that ended in one way, for one reason. */
export interface RefreshSeries {
  readonly outcome: Outcome["kind"];
  /** Undefined where nothing was wrong. */
  readonly code: ErrorCode | undefined;
  count: number;
}

/** Counts the attempts to refresh; outcomes and codes are closed sets. */
export class RefreshMeter {
  readonly #series = new Map<string, RefreshSeries>();

  constructor() {
    // There from the start, at zero: a rate sees no increase in a series that begins with 1, and so an
    // alert would miss what happens for the first time.
    for (const outcome of ["staged", "unchanged", "revoked"] as const) {
      this.#seriesOf(outcome, undefined);
    }
    for (const code of REASON_CODES) {
      if (code !== "revoked") this.#seriesOf(code === "expired" ? "expired" : "invalid", code);
    }
    for (const code of SOURCE_CODES) this.#seriesOf("fetch_failed", code);
  }

  get series(): Iterable<RefreshSeries> {
    return this.#series.values();
  }

  count(outcome: Outcome): void {
    const code = "error" in outcome ? outcome.error.code : undefined;
    this.#seriesOf(outcome.kind, code).count++;
  }

  #seriesOf(outcome: Outcome["kind"], code: ErrorCode | undefined): RefreshSeries {
    const key = `${outcome} ${code ?? ""}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { outcome, code, count: 0 };
      this.#series.set(key, series);
    }
    return series;
  }
}
