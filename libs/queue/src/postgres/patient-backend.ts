import { PostgresConnection, PostgresQueueBackend } from "bullmq";
import { workerOptions } from "../worker-options.js";

/** What producers announce jobs by, as BullMQ's own functions in the database have it. */
const LISTEN = "LISTEN bullmq_jobs";

type ListenClient = Awaited<ReturnType<PostgresConnection["getListenClient"]>>;

/** BullMQ's connection, without two ways of its to be dead for ever after an outage. */
export class PatientConnection extends PostgresConnection {
  #listening: ListenClient | undefined;

  /** BullMQ checks the tables once and keeps the answer, also that Postgres is away. `check` of the back end asks every time. */
  override waitUntilReady(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Each new connection listens before anybody waits on it. BullMQ keeps a flag for that, which one that broke in the
   * moment when it was answered leaves set: the next one would never be told of a job.
   */
  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (client !== this.#listening) {
      await client.query(LISTEN);
      this.#listening = client;
    }
    return client;
  }
}

/** BullMQ's back end, which looks for jobs in time whatever it hears. */
export class PatientBackend extends PostgresQueueBackend {
  /** Seconds. After a wait that failed BullMQ (6.7) would trust in announcements alone, for an hour at a time. */
  override get maximumBlockTimeout(): number {
    return workerOptions.drainDelay;
  }
}
