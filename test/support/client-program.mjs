// An application of the client, for any runtime: writes what it learns as lines of JSON.
import { ClientError, connect } from "@clef-sh/agent/client";

const say = (value) => console.log(JSON.stringify(value));
const errorOf = async (call) => {
  try {
    await call;
  } catch (error) {
    return error;
  }
};

const agent = connect();
await agent.ready();
say({ ready: true });
say({ keys: await agent.keys(), one: await agent.get("KEY"), all: await agent.getAll() });
say({ code: (await errorOf(agent.get("none"))).code });
const given = await errorOf(agent.getAll({ signal: AbortSignal.abort() }));
say({ code: given.code, isOurs: given instanceof ClientError });
const troubles = new Set();
const onTrouble = ({ code }) => {
  if (!troubles.has(code)) say({ trouble: code });
  troubles.add(code);
};
try {
  for await (const secrets of agent.watch({ onTrouble })) say({ watched: secrets });
} catch (error) {
  say({ ended: error.code });
}
// A request that is given up must not keep the program.
const controller = new AbortController();
setTimeout(() => controller.abort(), 100);
say({
  last: (await errorOf(agent.ready({ signal: controller.signal, timeoutMs: Infinity }))).code,
});
