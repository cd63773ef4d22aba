/**
 * Who may import whom in src/: no file imports from a higher layer, whichever way data flows.
 * `npm run check` holds the source to it, and conformance/ to knowing nothing of it; see check-imports.ts.
 */

export interface Layer {
  readonly name: string;
  readonly files: readonly string[];
}

/** From low to high. A file imports from its own layer and from lower ones, types included. */
export const LAYERS: readonly Layer[] = [
  {
    name: "foundation",
    files: [
      "src/errors.ts",
      "src/limits.ts",
      "src/limits/**",
      "src/version.ts",
      "src/system/**",
      "src/keys/**",
    ],
  },
  // For applications: it knows nothing of the agent but what it answers.
  { name: "client", files: ["src/client/**"] },
  // Low, because any stage may log or report an event, whatever is done with it later.
  { name: "telemetry", files: ["src/telemetry/**"] },
  { name: "net", files: ["src/net/**"] },
  { name: "clouds", files: ["src/aws/**", "src/gcp/**", "src/azure/**"] },
  { name: "config", files: ["src/config/**"] },
  { name: "source", files: ["src/source/**"] },
  { name: "artifact", files: ["src/artifact/**"] },
  { name: "kms", files: ["src/kms/**"] },
  { name: "decrypt", files: ["src/decrypt/**"] },
  { name: "seal", files: ["src/seal/**"] },
  { name: "store", files: ["src/store/**"] },
  { name: "refresh", files: ["src/freshness/**", "src/refresh/**"] },
  { name: "feed", files: ["src/feed/**"] },
  { name: "server", files: ["src/server/**"] },
  // Deliveries, as the server is one; none knows another.
  { name: "exec", files: ["src/exec/**"] },
  { name: "files", files: ["src/files/**"] },
  // Looks at all of the above, and nothing of it looks back.
  { name: "otlp", files: ["src/otlp/**"] },
  { name: "agent", files: ["src/agent.ts", "src/agent/**"] },
  { name: "lifecycle", files: ["src/lifecycle/**"] },
  { name: "cli", files: ["src/cli/**"] },
  { name: "main", files: ["src/main.ts", "src/index.ts"] },
];

export interface Ban {
  readonly files: readonly string[];
  readonly except: readonly string[];
  readonly modules: readonly string[];
  readonly because: string;
}

/** Modules that some files may not import although no layer forbids it. */
export const BANS: readonly Ban[] = [
  {
    files: ["src/kms/**", "src/decrypt/**", "src/seal/**", "src/store/**"],
    except: ["src/store/disk-cache.ts"],
    modules: ["node:fs", "node:fs/promises"],
    because: "what handles plaintext has no way to put it on a disk",
  },
];

/** Where the conformance suite imports what it finds: its own cases. */
export const APART_COMPUTED: readonly string[] = ["conformance/suite/discover.ts"];
