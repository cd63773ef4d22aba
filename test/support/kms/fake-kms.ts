import type { KmsProvider } from "../../../src/artifact/artifact.ts";
import type { Received } from "../answer.ts";

/** What a fake does with the next request instead of its work. */
export type Fault =
  /** Closes the connection without a word. */
  | "drop"
  | "server_error"
  /** Too many requests; asks to wait for seven seconds where the protocol can say so. */
  | "throttle"
  | "hang"
  /** 200 with what is no JSON. */
  | "garbage"
  /** Does its work, and gives an answer in which a byte was changed on the way. */
  | "damage"
  /** Says that the credentials have expired. */
  | "expired_credentials";

/** A KMS that does real cryptography and speaks its provider's protocol over real sockets. */
export interface FakeKms {
  readonly provider: KmsProvider;
  /** As it stands in an envelope. */
  readonly keyId: string;
  /** As a person may give it to `pack`. */
  readonly keyName: string;
  /** A well-formed name of a key that is not there. */
  readonly missingKeyId: string;
  /** The environment in which a process finds it, with credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests for the KMS itself that reached it. */
  readonly requests: number;
  /** What it would answer, for a test that looks for it elsewhere. */
  dataKeyOf(wrappedKey: Buffer): Buffer | undefined;
  /** Makes this process find it as well, until the test ends. */
  install(): void;
  /** The caller may not use the key any more, until `giveBack`. */
  takeAway(): void;
  giveBack(): void;
  disable(): void;
  enable(): void;
  /** The key is of a kind that can neither wrap nor unwrap from now on. */
  unfit(): void;
  /** One fault for each of the next requests. */
  next(...faults: readonly Fault[]): void;
}

/** The switches that every fake has. */
export class Switches {
  requests = 0;
  denied = false;
  disabled = false;
  isUnfit = false;
  readonly #faults: Fault[] = [];

  takeAway(): void {
    this.denied = true;
  }

  giveBack(): void {
    this.denied = false;
  }

  disable(): void {
    this.disabled = true;
  }

  enable(): void {
    this.disabled = false;
  }

  unfit(): void {
    this.isUnfit = true;
  }

  next(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  /** Counts a request, and takes the fault that is due. */
  takeFault(): Fault | undefined {
    this.requests++;
    return this.#faults.shift();
  }
}

/** Carries out the faults that are the same in every protocol. @returns false for the others. */
export function carryOut(fault: Fault | undefined, { request, response }: Received): boolean {
  switch (fault) {
    case "drop":
      request.socket.destroy();
      return true;
    case "hang":
      return true;
    case "garbage":
      response.writeHead(200, { "content-type": "text/html" }).end("<html>");
      return true;
    case "server_error":
    case "throttle":
    case "damage":
    case "expired_credentials":
    case undefined:
      return false;
  }
}
