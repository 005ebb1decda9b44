import { generateKeyPairSync, randomBytes } from "node:crypto";
import { invalid } from "../http/http-error.js";
import { installationShape } from "../shapes/app-shape.js";
import { fullName } from "../state/full-name.js";
import { nodeId } from "../shapes/node-id.js";
import { userShape } from "../shapes/user-shape.js";
import type {
  Access,
  App,
  Hook,
  Installation,
  Permissions,
  Repository,
  Token,
  User,
} from "../state/model.js";
import type { World } from "../state/world.js";
import { dispatch } from "../webhooks/emit.js";
import { addUser } from "./accounts.js";

const TOKEN_LIFE_MS = 60 * 60 * 1_000;
const ACCESSES: readonly Access[] = ["read", "write", "admin"];

interface NewApp {
  readonly name: string;
  readonly owner: User;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly webhookUrl?: string;
  readonly webhookSecret: string;
}

/** Registers an App; its private key is told here and never again. */
export function createApp(
  world: World,
  input: NewApp,
): { app: App; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const slug = input.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const now = world.now();
  const app: App = {
    id: world.nextId(),
    slug,
    name: input.name,
    clientId: `Iv23li${randomBytes(7).toString("hex")}`,
    owner: input.owner,
    bot: addUser(world, { login: `${slug}[bot]`, type: "Bot" }),
    permissions: { metadata: "read", ...input.permissions },
    events: input.events,
    publicKey,
    createdAt: now,
  };
  if (input.webhookUrl !== undefined) {
    app.hook = {
      id: world.nextId(),
      target: { type: "integration", app },
      url: input.webhookUrl,
      secret: input.webhookSecret,
      contentType: "json",
      events: input.events,
      active: true,
      createdAt: now,
      updatedAt: now,
      deliveries: [],
    } satisfies Hook;
  }
  world.apps.set(app.id, app);
  return { app, privateKey };
}

/** Installs an App on repositories of one account and tells the App. */
export function installApp(
  world: World,
  app: App,
  account: User,
  repositories: readonly Repository[],
): Installation {
  const installation: Installation = {
    id: world.nextId(),
    app,
    account,
    permissions: app.permissions,
    repositories: new Set(repositories),
    createdAt: world.now(),
  };
  world.installations.set(installation.id, installation);
  const { hook } = app;
  if (hook !== undefined) {
    const payload = {
      action: "created",
      installation: installationShape(world.urls, installation),
      repositories: repositories.map((repository) => ({
        id: repository.id,
        node_id: nodeId("repository", repository.id),
        name: repository.name,
        full_name: fullName(repository),
        private: repository.isPrivate,
      })),
      requester: null,
      sender: userShape(world.urls, account),
    };
    world.emissions.add(() =>
      dispatch(
        world,
        hook,
        "installation",
        "created",
        payload,
        undefined,
        installation,
      ),
    );
  }
  return installation;
}

/** A token of an installation: one hour, for what was asked and no more than the App has. */
export function createInstallationToken(
  world: World,
  installation: Installation,
  asked: {
    readonly repositories?: readonly Repository[];
    readonly permissions?: Readonly<Record<string, string>>;
  },
): Token {
  const repositories = asked.repositories ?? [...installation.repositories];
  if (
    !repositories.every((repository) =>
      installation.repositories.has(repository),
    )
  ) {
    throw notGranted(
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  const token: Token = {
    value: `ghs_${randomBytes(18).toString("hex")}`,
    user: installation.app.bot,
    permissions: {
      metadata: "read",
      ...narrow(installation.permissions, asked.permissions),
    },
    repositories: new Set(
      repositories.map((repository) => fullName(repository).toLowerCase()),
    ),
    installation,
    expiresAt: new Date(world.now().getTime() + TOKEN_LIFE_MS),
  };
  world.tokens.set(token.value, token);
  return token;
}

function narrow(
  granted: Permissions,
  asked: Readonly<Record<string, string>> | undefined,
): Permissions {
  if (asked === undefined) return granted;
  return Object.fromEntries(
    Object.entries(asked).map(([name, value]) => {
      const access = ACCESSES.find((candidate) => candidate === value);
      const most = granted[name];
      if (
        access === undefined ||
        most === undefined ||
        ACCESSES.indexOf(access) > ACCESSES.indexOf(most)
      ) {
        throw notGranted(
          "The permissions requested are not granted to this installation.",
        );
      }
      return [name, access];
    }),
  );
}

const notGranted = (message: string) =>
  invalid({ resource: "Installation", code: "custom", message });
