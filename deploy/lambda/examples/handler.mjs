// A function that reads its secrets from the clef-agent extension.
import { readFile } from "node:fs/promises";

const AGENT = `http://127.0.0.1:${process.env.CLEF_AGENT_PORT ?? "7779"}`;

async function token() {
  const path = process.env.CLEF_AGENT_TOKEN_FILE;
  return path === undefined ? process.env.CLEF_AGENT_TOKEN : (await readFile(path, "utf8")).trim();
}

// The value now. Asked for again each time, so that a rotated or revoked one is not kept.
async function secret(name) {
  const answer = await fetch(`${AGENT}/v1/secrets/${encodeURIComponent(name)}`, {
    headers: { authorization: `Bearer ${await token()}` },
    signal: AbortSignal.timeout(5_000),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`clef-agent: ${answer.status} ${body.error}`);
  return body.value;
}

export async function handler() {
  const database = new URL(await secret("DB_URL"));
  return { database: database.hostname, user: database.username };
}
