import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

/** OTLP's published definitions, as an older package of OpenTelemetry still ships them. */
const PROTOS = join(
  dirname(
    fileURLToPath(import.meta.resolve("@opentelemetry/otlp-grpc-exporter-base/package.json")),
  ),
  "build/protos",
);
const SERVICES = "opentelemetry/proto/collector";

const root = new protobuf.Root();
root.resolvePath = (_, target) => join(PROTOS, target);
root.loadSync([
  `${SERVICES}/logs/v1/logs_service.proto`,
  `${SERVICES}/metrics/v1/metrics_service.proto`,
]);
// Newer than that package: opentelemetry-proto 1.5 added it to the published definition.
root
  .lookupType("opentelemetry.proto.logs.v1.LogRecord")
  .add(new protobuf.Field("eventName", 12, "string"));

const REQUESTS = {
  "/v1/logs": root.lookupType("opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest"),
  "/v1/metrics": root.lookupType(
    "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
  ),
} as const;

export interface Decoded {
  /** The request in OTLP's JSON form, whatever it came in. */
  readonly message: unknown;
  /** What is not as the definitions have it. */
  readonly problems: readonly string[];
}

/** Reads a request to `path` and holds it to the definitions: nothing unknown, nothing of another type. */
export function decodeRequest(path: string, contentType: string, body: Buffer): Decoded {
  const type = path === "/v1/logs" || path === "/v1/metrics" ? REQUESTS[path] : undefined;
  if (type === undefined) return { message: {}, problems: [`${path} is no path of OTLP`] };
  if (contentType === "application/json") {
    const message: unknown = JSON.parse(body.toString("utf8"));
    return { message, problems: problemsOf(type, message, type.name) };
  }
  if (contentType === "application/x-protobuf") {
    const message = type.toObject(type.decode(body), { longs: String, enums: Number });
    // Decoding passes over what the definitions do not know.
    const unknown = unknownFields(type, protobuf.Reader.create(body), type.name);
    return { message, problems: [...unknown, ...problemsOf(type, message, type.name)] };
  }
  return { message: {}, problems: [`${contentType} is no encoding of OTLP`] };
}

function unknownFields(
  type: protobuf.Type,
  reader: protobuf.Reader,
  at: string,
  end: number = reader.len,
): string[] {
  const problems: string[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3]?.resolve();
    if (field === undefined) problems.push(`${at} has a field ${tag >>> 3}, which is not defined`);
    if (field?.resolvedType instanceof protobuf.Type) {
      const inside = reader.uint32();
      const name = `${at}.${field.name}`;
      problems.push(...unknownFields(field.resolvedType, reader, name, reader.pos + inside));
    } else reader.skipType(tag & 7);
  }
  return problems;
}

/** The proto3 JSON mapping, as strictly as OTLP puts it (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
function problemsOf(type: protobuf.Type, value: unknown, at: string): string[] {
  if (typeof value !== "object" || value === null) return [`${at} is no object`];
  const names = Object.keys(value);
  const problems = type.oneofsArray
    .map((oneof) => oneof.fieldsArray.filter((field) => names.includes(field.name)))
    .filter((present) => present.length > 1)
    .map((present) => `${at} has several of ${present.map(({ name }) => name).join(", ")}`);
  for (const [name, member] of Object.entries(value)) {
    const field = type.fields[name];
    if (field === undefined) problems.push(`${at}.${name} is not defined`);
    else problems.push(...problemsOfField(field.resolve(), member, `${at}.${name}`));
  }
  return problems;
}

function problemsOfField(field: protobuf.Field, value: unknown, at: string): string[] {
  if (!field.repeated) return problemsOfOne(field, value, at);
  if (!Array.isArray(value)) return [`${at} is no array`];
  return value.flatMap((item, index) => problemsOfOne(field, item, `${at}[${index}]`));
}

function problemsOfOne(field: protobuf.Field, value: unknown, at: string): string[] {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return problemsOf(resolvedType, value, at);
  if (resolvedType instanceof protobuf.Enum) {
    const known = typeof value === "number" && resolvedType.valuesById[value] !== undefined;
    return known ? [] : [`${at} is no number of ${resolvedType.name}`];
  }
  return isScalar(field.type, value) ? [] : [`${at} is no ${field.type}`];
}

function isScalar(type: string, value: unknown): boolean {
  switch (type) {
    case "string":
    case "bytes":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "double":
      return typeof value === "number";
    case "uint32":
    case "fixed32":
      return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
    case "uint64":
    case "fixed64":
      return isLong(value) && Number(value) >= 0;
    default:
      return isLong(value);
  }
}

/** 64-bit numbers are decimal strings; numbers are accepted as far as they are exact. */
function isLong(value: unknown): boolean {
  return typeof value === "string" ? /^-?\d{1,20}$/.test(value) : Number.isSafeInteger(value);
}
