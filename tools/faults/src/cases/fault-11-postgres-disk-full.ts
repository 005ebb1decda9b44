import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, pause } from "./crowd.js";

/** Its files on an ext4 of 160 MB, on a loop device: this version's empty cluster and its WAL need more than 120. */
export const postgresDiskFull: FaultCase = {
  number: 11,
  name: "Postgres's disk full",
  backends: bothBackends,
  rig: { volumes: { postgres: { megabytes: 160 } } },
  async run(rig, random) {
    const crowd = await gather(rig, 4);
    await rig.volume("postgres").fill();
    // The services write too little to need more than what lies ready: this uses it up.
    const burden = () =>
      rig.postgres.query(
        "SELECT pg_logical_emit_message(false, 'burden', repeat('x', 1000000)) FROM generate_series(1, 100)",
      );
    await until(
      () =>
        burden().then(
          () => false,
          () => true,
        ),
      "Postgres has no space left",
      60_000,
    );
    crowd.release();
    await pause(random.between(2_000, 4_000));
    await rig.volume("postgres").free();
    const works = () =>
      rig.postgres.query("SELECT 1").then(
        () => true,
        () => false,
      );
    // Where it went down with a PANIC, which may show late, somebody has to start it: a supervisor, here the case.
    const revived = async () =>
      (await works()) || (await rig.postgres.restart().then(works));
    await pause(1_000);
    await until(revived, "Postgres works again", 60_000);
    await crowd.complete();
    return [
      {
        service: "agent-runner",
        log: /database connection broke|heartbeat failed|No space left/,
      },
    ];
  },
};
