import type { Phase, Report } from "./phases.ts";

const HEAD = [
  "Phase",
  "Requests per second",
  "Peak in any second",
  "Peak ÷ steady mean",
  "Sent",
  "Sent without conditional requests",
] as const;

/** The report as a table of Markdown. */
export function reportTable(report: Report): string {
  const rows = [
    ...report.starts.map((phase) => row(phase, `${phase.name} (10 min)`)),
    row(
      report.lateStart.waiting,
      `${report.lateStart.waiting.name}, in the same second (from the 5th second on)`,
    ),
    row(report.lateStart.coming, `${report.lateStart.coming.name} (10 min)`),
    row(report.day, report.day.name),
    ...report.outages.flatMap((phase, index) => {
      const recovery = report.recoveries[index];
      const after = recovery === undefined ? [] : [row(recovery, "… its end (30 min)")];
      return [row(phase, phase.name), ...after];
    }),
  ];
  return [markdownRow(HEAD), `| --- |${" ---: |".repeat(HEAD.length - 1)}`, ...rows].join("\n");
}

function row(phase: Phase, name: string): string {
  return markdownRow([
    name,
    phase.meanPerSecond.toFixed(0),
    String(phase.peakPerSecond),
    phase.peakRatio.toFixed(2),
    gigabytes(phase.bytes),
    gigabytes(phase.bytesUnconditional),
  ]);
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** A curve as one line of text: the peak of each of `width` stretches, in units of the steady mean. */
export function sparkline(perSecond: readonly number[], steadyMean: number, width: number): string {
  const bars = "▁▂▃▄▅▆▇█";
  const perBar = Math.ceil(perSecond.length / width);
  return Array.from({ length: Math.ceil(perSecond.length / perBar) }, (_, index) => {
    const peak = Math.max(...perSecond.slice(index * perBar, (index + 1) * perBar));
    // One bar is half a steady mean.
    const height = Math.min(bars.length, Math.ceil(peak / (steadyMean / 2)));
    return bars.charAt(Math.max(0, height - 1));
  }).join("");
}
