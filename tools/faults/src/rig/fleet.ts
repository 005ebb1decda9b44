import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@pullwright/testing";
import { serviceKinds, type ServiceKind } from "./service-kinds.js";
import {
  serviceProcess,
  type Environment,
  type ServiceProcess,
} from "./service-process.js";
import type { Programs } from "./service-programs.js";

export interface FleetOptions {
  readonly folder: string;
  readonly programs: Programs;
  /** How many of each kind. */
  readonly replicas: Readonly<Record<ServiceKind, number>>;
  readonly env: (kind: ServiceKind, name: string) => Environment;
}

/** Several processes of every service, by name: `poller-1`, `poller-2`, … */
export class Fleet {
  readonly #services: ReadonlyMap<string, ServiceProcess>;

  private constructor(services: ReadonlyMap<string, ServiceProcess>) {
    this.#services = services;
  }

  /** Prepares them; none runs yet. */
  static async prepare({
    folder,
    programs,
    replicas,
    env,
  }: FleetOptions): Promise<Fleet> {
    const services = new Map<string, ServiceProcess>();
    await mkdir(join(folder, "logs"));
    for (const kind of serviceKinds) {
      for (let number = 1; number <= replicas[kind]; number += 1) {
        const name = `${kind}-${number.toString()}`;
        services.set(
          name,
          serviceProcess({
            name,
            kind,
            programs,
            port: await freePort(),
            logFile: join(folder, "logs", `${name}.log`),
            env: { WORK_DIR: join(folder, "work", name), ...env(kind, name) },
          }),
        );
      }
    }
    return new Fleet(services);
  }

  get all(): ServiceProcess[] {
    return [...this.#services.values()];
  }

  of(kind: ServiceKind): ServiceProcess[] {
    return this.all.filter(({ name }) => name.startsWith(`${kind}-`));
  }

  get(name: string): ServiceProcess {
    const service = this.#services.get(name);
    if (service === undefined) throw new Error(`There is no service ${name}.`);
    return service;
  }

  /** One of a kind that runs. */
  living(kind: ServiceKind): ServiceProcess {
    const service = this.of(kind).find(({ isRunning }) => isRunning);
    if (service === undefined) throw new Error(`No ${kind} runs.`);
    return service;
  }

  async start(services = this.all): Promise<void> {
    await Promise.all(services.map((service) => service.start()));
  }

  async killAll(): Promise<void> {
    await Promise.all(this.all.map((service) => service.kill()));
  }

  /** Ends all for good: a case that is still at work starts none of them again. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((service) => service.close()));
  }

  /** Which services have written a line like this. */
  async whoSaid(pattern: RegExp): Promise<string[]> {
    const logs = await Promise.all(
      this.all.map(async (service) => ({
        name: service.name,
        text: await service.log(),
      })),
    );
    return logs
      .filter(({ text }) => pattern.test(text))
      .map(({ name }) => name);
  }
}
