import { pack, type PackOptions, revocation } from "./artifacts.ts";
import { replaceFile } from "./replace-file.ts";

/** An agent on an artifact in a file, whoever starts it. */
export abstract class AgentOnFile {
  readonly #artifact: string;

  /** @param artifact - the path of the file. */
  protected constructor(artifact: string) {
    this.#artifact = artifact;
  }

  /** The source holds another artifact from now on. */
  async repack(secrets: unknown, options: PackOptions = {}): Promise<void> {
    await this.publish(await pack({ secrets, ...options }));
  }

  async revoke(): Promise<void> {
    await this.publish(revocation());
  }

  async publish(text: string): Promise<void> {
    await replaceFile(this.#artifact, text);
  }
}
