/**
 * The variables of AWS in this process's environment from now on, since the official chain and loader
 * read them there: these, and no shared config file of the machine.
 */
export function awsEnvironment(variables: Readonly<Record<string, string>> = {}): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AWS_")) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, NO_AWS_FILES, variables);
}

export const NO_AWS_FILES = {
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
} as const;
