/** Every limit in bytes, milliseconds or pieces, each with its reason, by what it is about. */

export * from "./limits/artifact.ts";
export * from "./limits/keys.ts";
export * from "./limits/source.ts";
export * from "./limits/kms.ts";
export * from "./limits/refresh.ts";
export * from "./limits/plaintext.ts";
export * from "./limits/server.ts";
export * from "./limits/exec.ts";
export * from "./limits/files.ts";
export * from "./limits/telemetry.ts";
export * from "./limits/lambda.ts";
export * from "./limits/cli.ts";
