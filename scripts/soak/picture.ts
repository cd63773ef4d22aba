import type { Deed } from "./chaos.ts";

/** One second of the run. */
export interface Sample {
  readonly atMs: number;
  readonly requests: number;
  readonly medianMs: number | undefined;
  readonly p99Ms: number | undefined;
  readonly rssMb: number | undefined;
  readonly anonymousMb: number | undefined;
  readonly descriptors: number | undefined;
}

type Field = Exclude<keyof Sample, "atMs">;

interface Panel {
  readonly title: string;
  readonly curves: readonly {
    readonly field: Field;
    readonly name: string;
    readonly colour: string;
  }[];
  /** Above that a curve is cut, where few seconds would flatten all others. */
  readonly atMost?: number;
}

const PANELS: readonly Panel[] = [
  {
    title: "Reads per second",
    curves: [{ field: "requests", name: "reads", colour: "#1b6ca8" }],
  },
  {
    title: "Latency in ms, as the clients see it",
    curves: [
      { field: "p99Ms", name: "99 %", colour: "#c2452d" },
      { field: "medianMs", name: "median", colour: "#2e8b57" },
    ],
    atMost: 200,
  },
  {
    title: "Memory in MiB",
    curves: [
      { field: "rssMb", name: "resident", colour: "#8a5fbf" },
      { field: "anonymousMb", name: "anonymous", colour: "#1b6ca8" },
    ],
  },
  {
    title: "File descriptors",
    curves: [{ field: "descriptors", name: "open", colour: "#2e8b57" }],
  },
];

const WIDTH = 760;
const LEFT = 44;
const HEIGHT = 110;
const GAP = 46;
const POINTS = 700;

/** The run as SVG; grey is when something was done to the agent or its origin. */
export function soakPicture(
  samples: readonly Sample[],
  deeds: readonly Deed[],
  title: string,
): string {
  const startMs = samples[0]?.atMs ?? 0;
  const lastMs = samples.at(-1)?.atMs ?? 1;
  const x = (atMs: number): string =>
    (LEFT + ((WIDTH - LEFT - 16) * (atMs - startMs)) / Math.max(1, lastMs - startMs)).toFixed(1);
  const height = 30 + PANELS.length * (HEIGHT + GAP);
  const drawn = deeds.filter(({ fromMs }) => fromMs < lastMs);
  const bands = drawn.map(({ fromMs, toMs, name }) => {
    const width = Math.max(1, Number(x(Math.min(toMs, lastMs))) - Number(x(fromMs))).toFixed(1);
    return `<rect x="${x(fromMs)}" y="0" width="${width}" height="${HEIGHT}" fill="#ddd"><title>${name}</title></rect>`;
  });
  const panels = PANELS.map((panel, index) => {
    const inside = [...bands, drawPanel(panel, samples, x, (lastMs - startMs) / 60_000)];
    return `<g transform="translate(0 ${46 + index * (HEIGHT + GAP)})">${inside.join("\n")}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${LEFT}" y="16" font-weight="bold">${title}</text>`,
    ...panels,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel(
  { title, curves, atMost = Number.POSITIVE_INFINITY }: Panel,
  samples: readonly Sample[],
  x: (atMs: number) => string,
  minutes: number,
): string {
  const found = curves.flatMap(({ field }) => samples.map((sample) => sample[field] ?? 0));
  const top = Math.max(
    1,
    Math.min(
      atMost,
      found.reduce((most, value) => Math.max(most, value), 0),
    ),
  );
  const y = (value: number): string => (HEIGHT * (1 - Math.min(value, top) / top)).toFixed(1);
  const step = Math.max(1, Math.ceil(samples.length / POINTS));
  const lines = curves.map(({ field, colour }) => {
    const points = samples.flatMap((sample, index) => {
      const group = samples.slice(index, index + step).map((each) => each[field] ?? 0);
      return index % step === 0 ? [`${x(sample.atMs)},${y(Math.max(...group))}`] : [];
    });
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="1"/>`;
  });
  const legend = curves.map(
    ({ name, colour }, index) =>
      `<text x="${WIDTH - 16 - index * 80}" y="-6" text-anchor="end" fill="${colour}">${name}</text>`,
  );
  return [
    `<text x="${LEFT}" y="-6">${title}</text>`,
    ...legend,
    `<path d="M${LEFT} 0V${HEIGHT}H${WIDTH - 16}" fill="none" stroke="#888"/>`,
    `<text x="${LEFT - 4}" y="9" text-anchor="end">${Math.round(top)}</text>`,
    `<text x="${LEFT - 4}" y="${HEIGHT}" text-anchor="end">0</text>`,
    `<text x="${WIDTH - 16}" y="${HEIGHT + 14}" text-anchor="end">${minutes.toFixed(1)} min</text>`,
    ...lines,
  ].join("\n");
}
