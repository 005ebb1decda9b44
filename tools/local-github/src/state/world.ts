import { noSuch } from "../http/http-error.js";
import { Emissions } from "../webhooks/emissions.js";
import { WebhookDispatcher } from "../webhooks/webhook-dispatcher.js";
import type {
  App,
  Hook,
  Installation,
  Issue,
  Repository,
  Token,
  User,
} from "./model.js";
import type { Urls } from "./urls.js";

/** Everything that the server knows, and the ways to find it. Names are compared without case, as GitHub does. */
export class World {
  readonly users = new Map<string, User>();
  readonly tokens = new Map<string, Token>();
  readonly apps = new Map<number, App>();
  readonly installations = new Map<number, Installation>();
  readonly repositories = new Map<string, Repository>();
  readonly emissions = new Emissions();
  readonly webhooks: WebhookDispatcher;
  #lastId = 1_000;

  constructor(
    readonly urls: Urls,
    readonly dataDir: string,
    webhookTimeoutMs: number,
  ) {
    this.webhooks = new WebhookDispatcher(webhookTimeoutMs, () =>
      this.nextId(),
    );
  }

  /** One counter for every kind of thing: taking an id of one kind for another's then always fails. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** GitHub's times have whole seconds. */
  now(): Date {
    return new Date(Math.floor(Date.now() / 1_000) * 1_000);
  }

  user(login: string): User {
    return this.users.get(login.toLowerCase()) ?? noSuch(`user ${login}`);
  }

  repository(fullName: string): Repository {
    return (
      this.repositories.get(fullName.toLowerCase()) ??
      noSuch(`repository ${fullName}`)
    );
  }

  issue(repository: Repository, number: number): Issue {
    return repository.issues.get(number) ?? noSuch(`issue ${number}`);
  }

  /** The App's installation that covers a repository. */
  installationOf(app: App, repository: Repository): Installation | undefined {
    return [...this.installations.values()].find(
      (installation) =>
        installation.app === app && installation.repositories.has(repository),
    );
  }

  /** The hooks that hear of what happens in a repository: its own, and those of the Apps installed on it. */
  hooksOf(
    repository: Repository,
  ): { hook: Hook; installation?: Installation }[] {
    const own = [...repository.hooks.values()].map((hook) => ({ hook }));
    const ofApps = [...this.installations.values()].flatMap((installation) =>
      installation.repositories.has(repository) && installation.app.hook
        ? [{ hook: installation.app.hook, installation }]
        : [],
    );
    return [...own, ...ofApps];
  }
}
