import { installationReference } from "../shapes/app-shape.js";
import { repositoryShape } from "../shapes/repository-shape.js";
import { userShape } from "../shapes/user-shape.js";
import type { Hook, Installation, Repository, User } from "../state/model.js";
import type { World } from "../state/world.js";

type Payload = Readonly<Record<string, unknown>>;

/** Something that happened in a repository, as hooks are told of it. */
interface Happening {
  readonly event: string;
  readonly action?: string;
  readonly sender: User;
  /** A function where git has to be asked; it is called only when somebody listens, and in its turn. */
  readonly payload: Payload | (() => Promise<Payload>);
  /** Fields of `repository` that differ from the usual shape, as a push has them. */
  readonly repositoryExtra?: Payload;
}

/** Tells every hook that asked for the event; webhooks leave in the order of what happened. */
export function emit(
  world: World,
  repository: Repository,
  happening: Happening,
): void {
  const action = happening.action ?? null;
  const listeners = world
    .hooksOf(repository)
    .filter(
      ({ hook }) =>
        hook.events.includes("*") || hook.events.includes(happening.event),
    );
  if (listeners.length === 0) return;

  const about = {
    repository: {
      ...repositoryShape(world.urls, repository),
      ...happening.repositoryExtra,
    },
    sender: userShape(world.urls, happening.sender),
  };
  world.emissions.add(async () => {
    const payload = {
      ...(action === null ? {} : { action }),
      ...(await payloadOf(happening)),
      ...about,
    };
    for (const { hook, installation } of listeners) {
      const through = installation
        ? { installation: installationReference(installation) }
        : {};
      dispatch(
        world,
        hook,
        happening.event,
        action,
        { ...payload, ...through },
        repository,
        installation,
      );
    }
  });
}

const payloadOf = async ({ payload }: Happening): Promise<Payload> =>
  typeof payload === "function" ? payload() : payload;

/** Tells one hook about itself (`ping`, `installation`), whatever it asked for. */
export function dispatch(
  world: World,
  hook: Hook,
  event: string,
  action: string | null,
  payload: object,
  repository?: Repository,
  installation?: Installation,
): void {
  world.webhooks.dispatch({
    hook,
    event,
    action,
    payload: JSON.stringify(payload),
    repositoryId: repository?.id ?? null,
    installationId: installation?.id ?? null,
  });
}
