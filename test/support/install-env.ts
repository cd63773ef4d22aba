import type { TestContext } from "node:test";

/** Sets variables of this process until the test ends: the clouds' own libraries read them there. */
export function installEnv(
  context: Pick<TestContext, "after">,
  env: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(env)) {
    const before = process.env[name];
    process.env[name] = value;
    context.after(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    });
  }
}
