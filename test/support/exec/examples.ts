import { parse } from "yaml";
import { deployFile } from "../deployments.ts";

/** How a file in deploy/exec/ has the agent run the application. */
export interface Example {
  readonly file: string;
  /** The program and the options up to the two dashes. */
  readonly entry: readonly string[];
  /** The application. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function split(file: string, words: readonly string[], env: Example["env"]): Example {
  const dashes = words.indexOf("--");
  return { file, entry: words.slice(0, dashes + 1), command: words.slice(dashes + 1), env };
}

/** The image's words, with the environment that Compose gives it. */
function image(): Example {
  const words = ["ENTRYPOINT", "CMD"].flatMap((instruction) => {
    const line = deployFile("exec/Dockerfile")
      .split("\n")
      .find((each) => each.startsWith(`${instruction} `));
    return JSON.parse((line ?? "").slice(instruction.length)) as readonly string[];
  });
  const { services } = parse(deployFile("exec/compose.yaml")) as {
    services: { api: { environment: Readonly<Record<string, string>> } };
  };
  return split("compose.yaml", words, services.api.environment);
}

interface Named {
  readonly name: string;
  readonly value: string;
}

function pod(): Example {
  const { spec } = parse(deployFile("exec/kubernetes.yaml")) as {
    spec: {
      template: {
        spec: {
          containers: readonly {
            command: readonly string[];
            args: readonly string[];
            env: readonly Named[];
          }[];
        };
      };
    };
  };
  const [{ command, args, env } = { command: [], args: [], env: [] }] =
    spec.template.spec.containers;
  const variables = env.map(({ name, value }) => [name, value] as const);
  return split("kubernetes.yaml", [...command, ...args], Object.fromEntries(variables));
}

function unit(): Example {
  const lines = deployFile("exec/api.service").split("\n");
  const values = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const pairs = values("Environment").map((text) => [
    text.slice(0, text.indexOf("=")),
    text.slice(text.indexOf("=") + 1),
  ]);
  const words = values("ExecStart").flatMap((line) => line.split(" "));
  return split("api.service", words, Object.fromEntries(pairs) as Record<string, string>);
}

export const EXAMPLES: readonly Example[] = [image(), pod(), unit()];
