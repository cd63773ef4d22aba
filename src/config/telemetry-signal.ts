import { TELEMETRY_TIMEOUT_MS } from "../limits.ts";
import { parseHeaders } from "../net/pairs.ts";
import { parseHttpUrl } from "./http-url.ts";
import type { OtelReader } from "./otel-reader.ts";

/** Where one signal goes, and how. */
export interface SignalConfig {
  /** As it was given; may hold credentials. */
  readonly url: URL;
  /** The variable to look at when it does not answer. */
  readonly variable: string;
  readonly encoding: "json" | "protobuf";
  readonly compression: "gzip" | "none";
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  /** From `OTEL_EXPORTER_OTLP_HEADERS`; names in lower case, values secret. */
  readonly headers: Readonly<Record<string, string>>;
}

type Signal = "logs" | "metrics";

export const CLEF_URL = "CLEF_AGENT_TELEMETRY_URL";
const BASE = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** Undefined where the signal is not to be sent. What is wrong with its variables is warned of. */
export function readSignal(
  reader: OtelReader,
  signal: Signal,
  clefUrl: URL | undefined,
): SignalConfig | undefined {
  const otel = readOtelEndpoint(reader, signal);
  const target = clefTarget(reader, signal, clefUrl, otel) ?? otel;
  if (target === undefined || !isExported(reader, signal)) return undefined;
  const encoding = readEncoding(reader, signal, target === otel);
  if (encoding === undefined) return undefined;
  return {
    ...target,
    encoding,
    compression: reader.oneOf(reader.forSignal(signal, "COMPRESSION"), ["gzip", "none"]) ?? "none",
    timeoutMs:
      reader.positive(reader.forSignal(signal, "TIMEOUT"), "milliseconds") ?? TELEMETRY_TIMEOUT_MS,
    // They were given for that endpoint: another one must not learn them.
    headers:
      otel === undefined || otel.url.origin === target.url.origin
        ? readHeaders(reader, signal)
        : {},
  };
}

interface Target {
  readonly url: URL;
  readonly variable: string;
}

/** The endpoint of one signal as it is, or the common one with the signal's path appended. */
function readOtelEndpoint(reader: OtelReader, signal: Signal): Target | undefined {
  const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`;
  const variable = reader.text(own) === undefined ? BASE : own;
  const text = reader.text(variable);
  if (text === undefined) return undefined;
  const url = reader.tryTo(variable, () => parseHttpUrl(text));
  if (url === undefined) return undefined;
  if (variable === BASE) url.pathname = `${url.pathname.replace(/\/*$/, "")}/v1/${signal}`;
  return { url, variable };
}

/** Where `CLEF_AGENT_TELEMETRY_URL` sends a signal; it names the place of logs, metrics go beside it. */
function clefTarget(
  reader: OtelReader,
  signal: Signal,
  clefUrl: URL | undefined,
  otel: Target | undefined,
): Target | undefined {
  if (clefUrl === undefined) return undefined;
  if (signal === "logs") return { url: clefUrl, variable: CLEF_URL };
  if (otel !== undefined && otel.variable !== BASE) return undefined;
  const url = new URL(clefUrl);
  url.pathname = url.pathname.replace(/\/v1\/logs\/?$/, "/v1/metrics");
  if (url.pathname !== clefUrl.pathname) return { url, variable: CLEF_URL };
  if (otel === undefined) {
    reader.warn(
      `${CLEF_URL} does not end in /v1/logs, so nobody knows where metrics go and none are sent; set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT to send them`,
    );
  }
  return undefined;
}

/** Whether `OTEL_LOGS_EXPORTER` or `OTEL_METRICS_EXPORTER` leaves the signal on. */
function isExported(reader: OtelReader, signal: Signal): boolean {
  const name = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const wanted = reader.text(name)?.split(",") ?? ["otlp"];
  const named = new Set(wanted.map((one) => one.trim().toLowerCase()));
  if (named.has("otlp")) return true;
  if (!named.has("none")) {
    reader.warn(`${name} names no exporter of this agent, which has otlp and none; otlp is used`);
    return true;
  }
  return false;
}

/** JSON unless another encoding is asked for (contract, section 6); undefined for gRPC endpoints. */
function readEncoding(
  reader: OtelReader,
  signal: Signal,
  isOtelEndpoint: boolean,
): "json" | "protobuf" | undefined {
  const name = reader.forSignal(signal, "PROTOCOL");
  const protocol = reader.oneOf(name, ["http/json", "http/protobuf", "grpc"]);
  if (protocol !== "grpc") return protocol === "http/protobuf" ? "protobuf" : "json";
  if (!isOtelEndpoint) {
    reader.warn(`${name} is grpc, which this agent does not speak; ${CLEF_URL} gets http/json`);
    return "json";
  }
  reader.warn(
    `${name} is grpc, which this agent does not speak, so no ${signal} are sent; use http/protobuf or http/json and the port for it, mostly 4318`,
  );
  return undefined;
}

/** Those for every signal, with those for this one over them. */
function readHeaders(reader: OtelReader, signal: Signal): Readonly<Record<string, string>> {
  const names = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`,
  ];
  const pairs = names.flatMap((name) => {
    const text = reader.text(name);
    const headers = text === undefined ? {} : reader.tryTo(name, () => parseHeaders(text));
    return Object.entries(headers ?? {});
  });
  return Object.fromEntries(pairs);
}
