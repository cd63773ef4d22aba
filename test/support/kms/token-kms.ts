import type { TestContext } from "node:test";
import { type Received, reply, type Reply } from "../answer.ts";
import { installEnv } from "../install-env.ts";
import { namesHere } from "../names-here.ts";
import { carryOut, type Fault, Switches } from "./fake-kms.ts";

export type Body = Readonly<Record<string, unknown>>;

/** A KMS at its real https name that wants a bearer token, and the service beside it that gives them. */
export abstract class TokenKms extends Switches {
  env: Readonly<Record<string, string>> = {};
  /** How many tokens were given. */
  tokensGiven = 0;
  protected readonly context: Pick<TestContext, "after">;
  readonly #tokens = new Set<string>();

  protected constructor(context: Pick<TestContext, "after">) {
    super();
    this.context = context;
  }

  protected abstract answer(received: Received, fault: Fault | undefined): Reply;
  protected abstract giveToken(received: Received): Reply;

  /** Serves both; `identity` is the environment by which a workload shows who it is. */
  protected async open(
    hosts: { readonly kms: string; readonly tokens: string },
    identity: Readonly<Record<string, string>>,
  ): Promise<void> {
    const names = await namesHere(this.context, [hosts.kms, hosts.tokens], (received) => {
      if (received.host === hosts.kms) this.#receive(received);
      else reply(received.response, this.giveToken(received));
    });
    // Nothing of this machine has a say.
    this.env = { HOME: "/nonexistent", ...names.env, ...identity };
  }

  install(): void {
    installEnv(this.context, this.env);
  }

  /** No token that was given is good any more. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** The part of a service's answer that both have in common. */
  protected newToken(token: string): Body {
    this.tokensGiven++;
    this.#tokens.add(token);
    return { access_token: token, token_type: "Bearer" };
  }

  protected wasGiven(token: string): boolean {
    return this.#tokens.has(token);
  }

  #receive(received: Received): void {
    const fault = this.takeFault();
    if (!carryOut(fault, received)) reply(received.response, this.answer(received, fault));
  }
}

export function bearerOf({ request }: Received): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
}
