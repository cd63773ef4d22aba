import { createAgent } from "@clef-sh/agent";

const agent = await createAgent({
  CLEF_AGENT_SOURCE: process.env.SECRETS_URL,
  CLEF_AGENT_AGE_KEY_FILE: process.env.SECRETS_KEY_FILE,
  CLEF_AGENT_VERIFY_KEY: process.env.SECRETS_VERIFY_KEY,
  CLEF_AGENT_IDENTITY: "api",
  CLEF_AGENT_ENVIRONMENT: "production",
  CLEF_AGENT_PORT: "0",
});
try {
  const read = await agent.read();
  if (!read.available) throw new Error(`no secrets: ${read.reason}`);
  console.log(`connecting to ${read.secrets.get("app__DB_URL")}`);

  // Other processes on this machine may ask over HTTP.
  const headers = { authorization: `Bearer ${agent.token}` };
  const answer = await fetch(`${agent.url}/v1/secrets/app/API_KEY`, { headers });
  console.log(`HTTP says ${answer.status}`);
} finally {
  await agent.stop();
}
