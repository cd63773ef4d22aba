import type { TestContext } from "node:test";

/** What the variables were before the first that a test set, by its context. */
const replaced = new WeakMap<object, Map<string, string | undefined>>();

/** Sets variables of this process until the test ends: the clouds' own libraries read them there. */
export function installEnv(
  context: Pick<TestContext, "after">,
  env: Readonly<Record<string, string>>,
): void {
  const before = replaced.get(context) ?? new Map<string, string | undefined>();
  replaced.set(context, before);
  for (const [name, value] of Object.entries(env)) {
    if (!before.has(name)) {
      before.set(name, process.env[name]);
      context.after(() => restore(name, before.get(name)));
    }
    process.env[name] = value;
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
