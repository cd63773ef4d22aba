import type { Curve, Report } from "./phases.ts";

const WIDTH = 760;
const LEFT = 36;
const PANEL = 190;
const TOP = 30;
const PLOT = PANEL - TOP - 28;
/** Units of the steady mean that a panel shows. */
const UNITS = 7;
const COLOURS = ["#1b6ca8", "#c2452d", "#2e8b57", "#8a5fbf"] as const;

interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** Seconds that become one point, which shows their peak. */
  readonly step: number;
  readonly ticks: readonly { readonly second: number; readonly text: string }[];
}

/** Requests per second over time as SVG, in units of the steady mean. */
export function reportPicture(report: Report): string {
  const panels: readonly Panel[] = [
    {
      title: "Cold start of 10,000 agents: requests per second ÷ steady mean",
      curves: report.startCurves,
      step: 1,
      ticks: [0, 60, 120, 180, 240, 300].map((second) => ({ second, text: `${second} s` })),
    },
    {
      title: "An hour of outage: peak of every 15 seconds ÷ steady mean",
      curves: report.outageCurves,
      step: 15,
      ticks: [
        { second: 600, text: "outage begins" },
        { second: 600 + 1800, text: "30 min" },
        { second: 600 + 3600, text: "origin is back" },
        { second: 600 + 5400, text: "+30 min" },
      ],
    },
  ];
  const height = panels.length * (PANEL + 4 * 16) + 8;
  const body = panels.map((panel, index) => {
    const y = index * (PANEL + 4 * 16);
    return `<g transform="translate(0 ${y})">${drawPanel(panel, report.steadyMean)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, curves, step, ticks }: Panel, steadyMean: number): string {
  const seconds = Math.max(...curves.map(({ perSecond }) => perSecond.length));
  const x = (second: number): number =>
    Math.round((LEFT + ((WIDTH - LEFT - 60) * second) / seconds) * 10) / 10;
  const y = (units: number): number =>
    Math.round((TOP + PLOT * (1 - Math.min(units, UNITS) / UNITS)) * 10) / 10;
  const lines = Array.from({ length: UNITS + 1 }, (_, units) => {
    const strong = units === 1 || units === 2 || units === 4;
    return `<path d="M${LEFT} ${y(units)}H${WIDTH - 60}" stroke="${strong ? "#999" : "#e4e4e4"}"${strong ? ' stroke-dasharray="3 3"' : ""}/><text x="${LEFT - 6}" y="${y(units) + 4}" text-anchor="end" fill="#555">${units}</text>`;
  });
  const marks = ticks.map(
    ({ second, text }) =>
      `<path d="M${x(second)} ${y(0)}v5" stroke="#555"/><text x="${x(second)}" y="${y(0) + 18}" text-anchor="middle" fill="#555">${text}</text>`,
  );
  const drawn = curves.map(({ name, perSecond }, index) => {
    const points = Array.from({ length: Math.ceil(perSecond.length / step) }, (_, at) => {
      const peak = Math.max(...perSecond.slice(at * step, (at + 1) * step));
      return `${x(at * step)} ${y(peak / steadyMean)}`;
    });
    const colour = COLOURS[index % COLOURS.length] ?? "#000";
    const label = `<text x="${LEFT + 20}" y="${y(0) + 36 + index * 14}" fill="#222">${plain(name)}</text>`;
    const swatch = `<path d="M${LEFT} ${y(0) + 32 + index * 14}h14" stroke="${colour}" stroke-width="2"/>`;
    return `<path d="M${points.join("L")}" fill="none" stroke="${colour}" stroke-width="1.2"/>${swatch}${label}`;
  });
  const heading = `<text x="${LEFT}" y="18" font-size="13" fill="#222">${title}</text>`;
  return [heading, ...lines, ...marks, ...drawn].join("\n");
}

function plain(text: string): string {
  return text.replaceAll("`", "");
}
