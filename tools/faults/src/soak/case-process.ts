import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { catalogue } from "../catalogue.js";
import type { Backend } from "../rig/rig.js";
import type { FaultCase } from "../fault-case.js";
import {
  hasPassed,
  rigOf,
  type CaseRunnerOptions,
  type Round,
} from "../run-cases.js";
import type { CaseAnswer, CaseQuestion } from "./messages.js";

const program = fileURLToPath(
  new URL("../processes/case-worker.js", import.meta.url),
);

/** A process that runs cases one after the other, seen from its parent. */
export class CaseProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #rig = "";

  constructor(private readonly options: Omit<CaseRunnerOptions, "log">) {
    this.#child = fork(program, [], { serialization: "advanced" });
    this.#ended = once(this.#child, "exit");
  }

  /** Whether the services that run there will do for this case. */
  fits(fault: FaultCase, backend: Backend): boolean {
    return this.#rig === rigOf(fault, backend);
  }

  async run(fault: FaultCase, backend: Backend, seed: number): Promise<Round> {
    const caseIndex = catalogue.indexOf(fault);
    const question: CaseQuestion = {
      ...this.options,
      caseIndex,
      backend,
      seed,
    };
    const answered = once(this.#child, "message");
    this.#child.send(question);
    const gone = this.#ended.then(() => {
      throw new Error("The process that ran the case has ended.");
    });
    const [answer] = (await Promise.race([answered, gone])) as [CaseAnswer]; // Its only message.
    const round = { fault, backend, seed, ...answer };
    this.#rig =
      hasPassed(round) && !fault.spendsRig ? rigOf(fault, backend) : "";
    return round;
  }

  /** Ends it, and the services with it. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }
}
