/** One rule of the agent, broken on purpose: the text that is replaced, which stands once in its file. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** What the suite tries on it: chapters, or rules where a chapter would take long. */
  readonly only: readonly string[];
}

const VERIFICATION: readonly Mutant[] = [
  {
    name: "takes any ciphertext for what its hash is of",
    file: "src/artifact/verify.ts",
    find: `if (hash.digest("hex") !== ciphertextHash.toLowerCase()) {`,
    replace: `if (hash.digest("hex").length !== ciphertextHash.length) {`,
    only: ["V-1"],
  },
  {
    name: "compares the beginning of the hash alone",
    file: "src/artifact/verify.ts",
    find: `if (hash.digest("hex") !== ciphertextHash.toLowerCase()) {`,
    replace: `if (hash.digest("hex").slice(0, 16) !== ciphertextHash.slice(0, 16)) {`,
    only: ["V-1"],
  },
  {
    name: "lets an artifact without a signature through",
    file: "src/artifact/signature.ts",
    find: `if (signature === undefined) {`,
    replace: `if (signature === undefined) return;\n  if (keys.length > 99) {`,
    only: ["V-2"],
  },
  {
    name: "does not check the signature that is there",
    file: "src/artifact/signature.ts",
    find: `if (!keys.some((key) => isSignedBy(key, payload, signature.bytes))) {`,
    replace: `if (!keys.some((key) => isSignedBy(key, payload, signature.bytes) || true)) {`,
    only: ["V-3", "V-6"],
  },
  {
    name: "wants every verify key to have signed",
    file: "src/artifact/signature.ts",
    find: `if (!keys.some((key) =>`,
    replace: `if (!keys.every((key) =>`,
    only: ["V-7"],
  },
  {
    name: "takes the algorithm from the artifact",
    file: "src/artifact/signature.ts",
    find: `if (!keys.some((key) => isSignedBy(key, payload, signature.bytes))) {`,
    replace: `const algorithm = signature.claimedAlgorithm ?? "Ed25519";
  if (!keys.some((key) => isSignedBy({ ...key, algorithm }, payload, signature.bytes))) {`,
    only: ["V-5"],
  },
  {
    name: "leaves the expiry out of what is signed",
    file: "src/artifact/signing-payload.ts",
    find: `artifact.expiresAt?.text ?? "",`,
    replace: `"",`,
    only: ["V-3", "V-4"],
  },
  {
    name: "leaves the identity out of what is signed",
    file: "src/artifact/signing-payload.ts",
    find: `      artifact.identity,\n`,
    replace: `      "",\n`,
    only: ["V-3", "V-4"],
  },
  {
    name: "asks nobody whom an artifact is for",
    file: "src/artifact/verify.ts",
    find: `      checkAddressee(parsed, policy);\n`,
    replace: ``,
    only: ["V-8", "V-18"],
  },
  {
    name: "compares identities without regard to case",
    file: "src/artifact/verify.ts",
    find: `parsed[name] === expected) continue;`,
    replace: `parsed[name]?.toLowerCase() === expected.toLowerCase()) continue;`,
    only: ["V-8"],
  },
  {
    name: "takes a marker for anybody's",
    file: "src/artifact/verify.ts",
    find: `        checkRevokes(parsed, memory);\n`,
    replace: ``,
    only: ["V-18"],
  },
  {
    name: "loads what has expired",
    file: "src/artifact/verify.ts",
    find: `nowMs >= parsed.expiresAt.ms`,
    replace: `nowMs >= parsed.expiresAt.ms + 60_000`,
    only: ["V-9"],
  },
  {
    name: "goes back to an older artifact",
    file: "src/artifact/trust.ts",
    find: `artifact.packedAt.ms < newest.packedAtMs`,
    replace: `artifact.packedAt.ms < newest.packedAtMs - 3_600_000`,
    only: ["V-12"],
  },
  {
    name: "compares an artifact with the last one, not with the newest",
    file: "src/artifact/trust.ts",
    find: `artifact.packedAt.ms < newest.packedAtMs`,
    replace: `artifact.packedAt.ms + 50 < newest.packedAtMs`,
    only: ["V-12"],
  },
  {
    name: "takes other contents under an accepted revision",
    file: "src/artifact/trust.ts",
    find: `digestOf(artifact) !== namesake.digest`,
    replace: `digestOf(artifact).length !== namesake.digest.length`,
    only: ["V-13"],
  },
  {
    name: "forgets what was revoked",
    file: "src/artifact/trust.ts",
    find: `if (memory.revoked.includes(artifact.revision)) {`,
    replace: `if (memory.revoked.length > 999) {`,
    only: ["V-14"],
  },
  {
    name: "does not take its memory from the disk cache",
    file: "src/refresh/acceptance-record.ts",
    find: `if (cached !== undefined) this.#memory = cached.memory;`,
    replace: ``,
    only: ["V-15"],
  },
  {
    name: "refuses an older artifact without a verify key",
    file: "src/artifact/verify.ts",
    find: `if (warning !== undefined && signed) throw warning;`,
    replace: `if (warning !== undefined) throw warning;`,
    only: ["V-16"],
  },
  {
    name: "wants a date in a marker",
    file: "src/artifact/parse.ts",
    find: `if (revokedAt === undefined || revokedAt === null || revokedAt === false) return undefined;`,
    replace: `if (typeof revokedAt !== "string" || Number.isNaN(Date.parse(revokedAt))) return undefined;`,
    only: ["V-17"],
  },
  {
    name: "takes any version",
    file: "src/artifact/parse.ts",
    find: `if (version !== 1) {`,
    replace: `if (typeof version !== "number") {`,
    only: ["F-2"],
  },
  {
    name: "takes an expiry that is no date for none",
    file: "src/artifact/parse.ts",
    find: `expiresAt: own(object, "expiresAt") === undefined ? undefined : timestamp(object, "expiresAt"),`,
    replace: `expiresAt: Number.isNaN(Date.parse(String(own(object, "expiresAt")))) ? undefined : timestamp(object, "expiresAt"),`,
    only: ["F-4"],
  },
  {
    name: "lets control characters into signed fields",
    file: "src/artifact/fields.ts",
    find: `if (/\\p{Cc}/u.test(value)) throw shape(name, "holds a control character");`,
    replace: ``,
    only: ["F-6"],
  },
  {
    name: "reads base64 as loosely as Node.js does",
    file: "src/artifact/fields.ts",
    find: `if (encoded.length % 4 !== 0) return false;`,
    replace: `return encoded.length >= 0;`,
    only: ["F-5"],
  },
  {
    name: "passes over an envelope that is not whole",
    file: "src/artifact/parse.ts",
    find: `  if (missing.length > 0) {`,
    replace: `  if (missing.length > 0) return undefined;\n  if (missing.length > 99) {`,
    only: ["F-10"],
  },
  {
    name: "tries the first age identity alone",
    file: "src/decrypt/age.ts",
    find: `const unwrappers = identities.map((identity) =>`,
    replace: `const unwrappers = identities.slice(0, 1).map((identity) =>`,
    only: ["F-9"],
  },
  {
    name: "does not ask for the end of an age file",
    file: "src/decrypt/age.ts",
    find: `streamNonce(index, index === chunks - 1)`,
    replace: `streamNonce(index, false)`,
    only: ["F-8", "V-10"],
  },
  {
    name: "serves what is no string",
    file: "src/store/payload-index.ts",
    find: `if (scanner.peek() !== "{") throw unwanted(scanner, notAString(outer));`,
    replace: `if (scanner.peek() !== "{") throw new JsonError(0);`,
    only: ["F-16"],
  },
];

const FRESHNESS: readonly Mutant[] = [
  {
    name: "restarts the TTL after a fetch that failed",
    file: "src/freshness/freshness.ts",
    find: `    case "fetch_failed":\n    case "invalid":\n      return state;`,
    replace: `    case "fetch_failed":\n    case "invalid":
      return state.kind === "fresh" ? { ...state, refreshedAt: { wallMs: Date.now(), monoMs: performance.now() } } : state;`,
    only: ["R-1", "R-3"],
  },
  {
    name: "does not restart the TTL when nothing changed",
    file: "src/freshness/freshness.ts",
    find: `return state.kind === "fresh" ? { ...state, refreshedAt: event.at } : state;`,
    replace: `return state;`,
    only: ["R-2"],
  },
  {
    name: "serves past the TTL",
    file: "src/freshness/freshness.ts",
    find: `return Math.min(ttlMs - elapsedMs(state.refreshedAt, now), untilExpiryMs(state, now));`,
    replace: `return Math.min(10 * ttlMs - elapsedMs(state.refreshedAt, now), untilExpiryMs(state, now));`,
    only: ["R-1", "R-3"],
  },
  {
    name: "serves past the artifact's expiry",
    file: "src/freshness/freshness.ts",
    find: `  return expiresAtMs - steadyWallMs(state.acceptedAt, now);`,
    replace: `  return expiresAtMs + 3_600_000 - steadyWallMs(state.acceptedAt, now);`,
    only: ["R-4"],
  },
  {
    name: "looks at the time by its timer alone",
    file: "src/refresh/serving-state.ts",
    find: `  freshness(): Freshness {
    this.#enter({ kind: "tick", at: this.#options.clock.now() });`,
    replace: `  freshness(): Freshness {
    const at = this.#options.clock.now();
    setTimeout(() => this.#enter({ kind: "tick", at }), 500);`,
    only: ["R-4", "R-6"],
  },
  {
    name: "goes on serving what was revoked",
    file: "src/freshness/freshness.ts",
    find: `    case "revoked":\n      return { kind: "revoked" };`,
    replace: `    case "revoked":\n      return state;`,
    only: ["V-17", "R-17"],
  },
  {
    name: "lets a failed fetch end a revocation",
    file: "src/freshness/freshness.ts",
    find: `    case "revoked":\n      return { kind: "revoked" };`,
    replace: `    case "revoked":\n      return state.kind === "fresh" ? { kind: "cache_expired" } : { kind: "revoked" };`,
    only: ["V-17", "R-17"],
  },
  {
    name: "does not look when a client asks for what has expired",
    file: "src/feed/feed.ts",
    find: `const attempted = await refresher.demand();`,
    replace: `const attempted = await Promise.resolve(false);`,
    only: ["R-9"],
  },
  {
    name: "asks the origin every second",
    file: "src/limits/refresh.ts",
    find: `export const MIN_POLL_INTERVAL_MS = 5_000;`,
    replace: `export const MIN_POLL_INTERVAL_MS = 1_000;`,
    only: ["R-10"],
  },
  {
    name: "asks at the same moments as all others",
    file: "src/refresh/schedule.ts",
    find: `return Math.max(MIN_POLL_INTERVAL_MS, least + random * (interval - least));`,
    replace: `return Math.max(MIN_POLL_INTERVAL_MS, interval);`,
    only: ["R-11"],
  },
  {
    name: "does not wait as long as the origin asked",
    file: "src/refresh/schedule.ts",
    find: `  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);`,
    replace: `  return Math.min(retryAfterMs, 0);`,
    only: ["R-12"],
  },
];

const API: readonly Mutant[] = [
  {
    name: "wants no token",
    file: "src/server/guards.ts",
    find: `return right ? undefined : WRONG_TOKEN;`,
    replace: `return undefined;`,
    only: ["A-4"],
  },
  {
    name: "takes a token that begins right",
    file: "src/server/token.ts",
    find: `timingSafeEqual(this.#expected.bytes, this.#presented.bytes)`,
    replace: `timingSafeEqual(this.#expected.bytes.subarray(2, 22), this.#presented.bytes.subarray(2, 22))`,
    only: ["A-4"],
  },
  {
    name: "takes a token without its scheme",
    file: "src/server/token.ts",
    find: `this.#presented.bytes) && before > 0;`,
    replace: `this.#presented.bytes) && before >= 0;`,
    only: ["A-4"],
  },
  {
    name: "takes any Host",
    file: "src/server/guards.ts",
    find: `return host !== undefined && (hosts.includes(host) || hosts.includes(host.toLowerCase()));`,
    replace: `return host !== undefined && hosts.length > 0;`,
    only: ["S-1", "S-4"],
  },
  {
    name: "takes a Host that begins right",
    file: "src/server/guards.ts",
    find: `(hosts.includes(host) || hosts.includes(host.toLowerCase()))`,
    replace: `hosts.some((name) => host.toLowerCase().startsWith(name))`,
    only: ["S-1"],
  },
  {
    name: "takes the last of two Host headers",
    file: "src/server/request.ts",
    find: `if (hosts > 1) host = undefined;`,
    replace: ``,
    only: ["S-4"],
  },
  {
    name: "answers requests that came by a proxy",
    file: "src/server/guards.ts",
    find: `return request.forwarded ? FORWARDED : undefined;`,
    replace: `return undefined;`,
    only: ["S-2"],
  },
  {
    name: "allows caching",
    file: "src/server/response.ts",
    find: `"no-store",`,
    replace: `"no-cache",`,
    only: ["A-15"],
  },
  {
    name: "picks one of several namespaces",
    file: "src/server/secrets-answer.ts",
    find: `return other === undefined ? { kind: "secret", entry } : { kind: "several", name, entries };`,
    replace: `return other === undefined || true ? { kind: "secret", entry } : { kind: "several", name, entries };`,
    only: ["A-7"],
  },
  {
    name: "gives one process's tags to all",
    file: "src/server/entity-tags.ts",
    find: `readonly #key = randomBytes(32);`,
    replace: `readonly #key = randomBytes(32).fill(7);`,
    only: ["A-18"],
  },
  {
    name: "never answers 304",
    file: "src/server/secrets-answer.ts",
    find: `if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return notModified(etag, secrets);`,
    replace: ``,
    only: ["A-16", "W-3"],
  },
  {
    name: "changes the tag of a secret with every revision",
    file: "src/server/entity-tags.ts",
    find: `return this.#mode === "jit" ? this.#tag(routeText(route), payloadTag) : undefined;`,
    replace: `return route.kind !== "keys" ? this.#tag(routeText(route), payloadTag) : undefined;`,
    only: ["A-17", "W-9"],
  },
  {
    name: "looks at the source as often as it is asked",
    file: "src/feed/refresh-now.ts",
    find: `if (retryAfterMs > 0) return { kind: "too_soon", retryAfterMs };`,
    replace: ``,
    only: ["A-11"],
  },
  {
    name: "says it is ready before anything was loaded",
    file: "src/server/probes.ts",
    find: `if (freshness !== "fresh") return`,
    replace: `if (freshness !== "fresh" && freshness !== "not_loaded") return`,
    only: ["A-1", "F-1"],
  },
];

const DELIVERY: readonly Mutant[] = [
  {
    name: "leaves waiting requests alone after a revocation",
    file: "src/server/waiting-requests.ts",
    find: `if (change.kind === "ended") waiter.end(change.reason);`,
    replace: `if (change.kind === "ended") continue;`,
    only: ["W-2"],
  },
  {
    name: "answers every waiting request at any change",
    file: "src/server/waiting-requests.ts",
    find: `else if (!waiter.stillMatches()) waiter.end("changed");`,
    replace: `else waiter.end("changed");`,
    only: ["W-9"],
  },
  {
    name: "does not ask a waiting request for its token again",
    file: "src/server/handler.ts",
    find: `      const unauthorized = refuseToken(request, access);
      if (unauthorized !== undefined) return unauthorized;
      const applied`,
    replace: `      const applied`,
    only: ["W-6"],
  },
  {
    name: "keeps the place of a waiting client that went away",
    file: "src/server/waiting-requests.ts",
    find: `const stopListening = onGone(() => end("gone"));`,
    replace: `const stopListening = onGone(() => undefined);`,
    only: ["W-7"],
  },
  {
    name: "lets any number of requests wait",
    file: "src/server/waiting-requests.ts",
    find: `if (this.#waiters.size >= MAX_WAITING_REQUESTS) return "full";`,
    replace: `if (this.#waiters.size >= 100 * MAX_WAITING_REQUESTS) return "full";`,
    only: ["W-7"],
  },
  {
    name: "hands the agent's own variables to a command",
    file: "src/exec/environment.ts",
    find: `const KEPT_BACK = ["CLEF_AGENT_", "CLEF_SIGNING_"] as const;`,
    replace: `const KEPT_BACK = ["CLEF_AGENT_"] as const;`,
    only: ["X-2"],
  },
  {
    name: "hands the agent's telemetry secrets to a command",
    file: "src/exec/variable-name.ts",
    find: `export const OF_TELEMETRY = "CLEF_TELEMETRY_";`,
    replace: `export const OF_TELEMETRY = "CLEF_TELEMETRY__";`,
    only: ["X-2"],
  },
  {
    name: "lets a secret make programs load something",
    file: "src/exec/variable-name.ts",
    find: `return isDangerousName(variable, platform) ? "dangerous" : undefined;`,
    replace: `return isDangerousName(variable, platform) ? undefined : undefined;`,
    only: ["X-8"],
  },
  {
    name: "lets a command go on after a revocation",
    file: "src/exec/supervisor.ts",
    find: `    case "revoked":
    case "failed":
      return {
        state: { kind: "stopping_to_end", because: event.kind },
        actions: [...withoutSplay(state), { kind: "stop" }],
      };`,
    replace: `    case "revoked":
    case "failed":
      return stay(state);`,
    only: ["X-15", "X-16"],
  },
  {
    name: "starts a command again at every revision",
    file: "src/exec/hand-over.ts",
    find: `const hmac = createHmac("sha256", key);`,
    replace: `const hmac = createHmac("sha256", key).update(String(performance.now()));`,
    only: ["X-13"],
  },
  {
    name: "hears nothing of another value",
    file: "src/exec/hand-over.ts",
    find: "hmac.update(`${Buffer.byteLength(variable)}:${variable}${value.length}:`).update(value);",
    replace: "hmac.update(`${Buffer.byteLength(variable)}:${variable}`);",
    only: ["X-13", "X-14"],
  },
  {
    name: "leaves the artifact in the disk cache after a revocation",
    file: "src/store/disk-cache.ts",
    find: `      await this.#removeOthers(null);
      this.#held = null;`,
    replace: ``,
    only: ["D-5"],
  },
  {
    name: "serves a disk cache that is older than the TTL",
    file: "src/refresh/restore.ts",
    find: `return { kind: "staged", outcome, refreshedAt: instantBefore(now, ageMs) };`,
    replace: `return { kind: "staged", outcome, refreshedAt: now };`,
    only: ["D-3", "D-4"],
  },
];

export const MUTANTS: readonly Mutant[] = [...VERIFICATION, ...FRESHNESS, ...API, ...DELIVERY];
