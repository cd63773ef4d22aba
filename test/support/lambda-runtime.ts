/** A Node.js runtime for Lambda, as small as it can be: runs the handler of a file (Runtime API). */
import { pathToFileURL } from "node:url";

const api = `http://${process.env["AWS_LAMBDA_RUNTIME_API"] ?? ""}/2018-06-01/runtime`;
const { handler } = (await import(pathToFileURL(process.argv[2] ?? "").href)) as {
  handler: (event: unknown) => Promise<unknown>;
};

for (;;) {
  const answer = await fetch(`${api}/invocation/next`);
  const id = answer.headers.get("lambda-runtime-aws-request-id") ?? "";
  const event: unknown = await answer.json();
  let outcome: { readonly path: string; readonly body: unknown };
  try {
    outcome = { path: "response", body: await handler(event) };
  } catch (error) {
    outcome = { path: "error", body: { errorMessage: String(error) } };
  }
  const body = JSON.stringify(outcome.body);
  await fetch(`${api}/invocation/${id}/${outcome.path}`, { method: "POST", body });
}
