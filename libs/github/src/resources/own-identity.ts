import { isGhost, type Account } from "./account.js";
import type { Identity } from "./identity.js";

/**
 * Who we are: asked for once and kept, since it changes only with the credentials. Where the server does not tell (null),
 * the answer to a comment that we have just written does: nobody else can be its author.
 */
export class OwnIdentity {
  #asked: Promise<Identity | null> | undefined;
  #author: Account | undefined;

  constructor(private readonly ask: () => Promise<Identity | null>) {}

  async get(): Promise<Identity | null> {
    this.#asked ??= this.ask().catch((error: unknown) => {
      this.#asked = undefined;
      throw error;
    });
    const told = await this.#asked;
    if (told !== null || this.#author === undefined) return told;
    return { ...this.#author, via: "token" };
  }

  /** A server that names no author makes everybody's comments a ghost's, strangers' too. */
  wrote({ author }: { readonly author: Account }): void {
    if (!isGhost(author)) this.#author ??= author;
  }
}
