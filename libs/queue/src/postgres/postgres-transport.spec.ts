import { expect, test } from "@jest/globals";
import { createSilentLogger, sleep } from "@pullwright/platform";
import { adminUrl, linkTo, until, type TcpLink } from "@pullwright/testing";
import { OutageLog } from "../outage-log.js";
import { PostgresTransport } from "./postgres-transport.js";
import { QueuePool } from "./queue-pool.js";

/** Its wire freezes in the moment when the first listener has its connection and is about to listen. */
class FreezingPool extends QueuePool {
  private froze = false;

  constructor(
    url: string,
    private readonly link: TcpLink,
  ) {
    super(url, 1, () => undefined);
  }

  override async connect(): ReturnType<QueuePool["connect"]> {
    const client = await super.connect();
    if (!this.froze) this.link.freeze();
    this.froze = true;
    return client;
  }
}

test("a listener that Postgres did not answer in time hears nothing later, beside the one that took its place", async () => {
  const { link, url } = await linkTo(await adminUrl());
  const pool = new FreezingPool(url, link);
  const outage = new OutageLog(createSilentLogger(), "Postgres");
  const sut = new PostgresTransport(pool, outage);
  const heard: string[] = [];
  try {
    sut.listen((text) => void heard.push(text));
    await until(
      () => link.connections > 1,
      "another connection is tried",
      10_000,
    );
    link.thaw();
    await until(async () => {
      await sut.send(["is anybody there?"]);
      return heard.length > 0;
    }, "it hears again");
    await sleep(500);
    heard.length = 0;
    await sut.send(["once"]);
    await until(() => heard.includes("once"), "it is heard");
    await sleep(500);
    expect(heard).toEqual(["once"]);
  } finally {
    link.thaw();
    await sut.close();
    await pool.end();
    await link.close();
  }
}, 30_000);
