import { describe, expect, it } from "@jest/globals";
import type { LogBatch } from "@pullwright/persistence";
import { createSilentLogger, sleep } from "@pullwright/platform";
import { LogWriter, type LogSink } from "./log-writer.js";

type Append = LogSink["append"];

/** A writer into memory; `append` says how the sink takes each batch. */
function write(append: (count: number) => Promise<"kept" | "lost">) {
  const kept: LogBatch[] = [];
  let published = 0;
  let appends = 0;
  const stop = new AbortController();
  const sink: LogSink = {
    append: async (batch): ReturnType<Append> => {
      if ((await append((appends += 1))) === "lost") return null;
      kept.push(batch);
      return { type: "run.changed" } as Awaited<ReturnType<Append>>; // Only handed on to `publish`.
    },
    publish: () => (published += 1),
  };
  return {
    writer: new LogWriter(
      sink,
      ["a-secret-value"],
      createSilentLogger(),
      stop.signal,
    ),
    stop,
    batches: () => kept.map((batch) => batch.lines.length),
    messages: () =>
      kept.flatMap((batch) => batch.lines.map((line) => line.message)),
    get published() {
      return published;
    },
    get appends() {
      return appends;
    },
  };
}

const kept = () => Promise.resolve("kept" as const);

describe("the log writer", () => {
  it("writes lines that come together in one batch, in order, soon", async () => {
    const sut = write(kept);
    for (const text of ["one", "two", "three"])
      void sut.writer.add("INFO", text);
    await sleep(400);
    expect(sut.messages()).toEqual(["one", "two", "three"]);
    expect(sut.batches()).toEqual([3]);
    expect(sut.published).toBe(1);
    await sut.writer.close();
  });

  it("keeps the order of a flood, in batches of a bounded size", async () => {
    const sut = write(async () => {
      await sleep(5);
      return "kept";
    });
    for (let line = 0; line < 9_000; line++)
      await sut.writer.add("INFO", String(line));
    await sut.writer.close();
    expect(sut.messages()).toEqual(
      Array.from({ length: 9_000 }, (_, line) => String(line)),
    );
    expect(Math.max(...sut.batches())).toBeLessThanOrEqual(2_000);
  });

  it("holds back whoever writes faster than the sink takes it", async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const sut = write(async () => {
      await gate;
      return "kept";
    });
    let added = 0;
    const flood = (async () => {
      for (; added < 20_000; added++) await sut.writer.add("INFO", "x");
    })();
    await sleep(300);
    const before = added;
    expect(before).toBeLessThan(8_001);
    open();
    await flood;
    await sut.writer.close();
    expect(sut.messages()).toHaveLength(20_000);
  });

  it("loses nothing while the sink is away", async () => {
    const sut = write((count) =>
      count < 3 ? Promise.reject(new Error("Postgres is away")) : kept(),
    );
    void sut.writer.add("INFO", "kept all the same");
    await sut.writer.close();
    expect(sut.appends).toBe(3);
    expect(sut.messages()).toEqual(["kept all the same"]);
  });

  it("gives up on a sink that is away once the attempt is stopped", async () => {
    const sut = write(() => Promise.reject(new Error("Postgres is away")));
    void sut.writer.add("INFO", "gone");
    sut.stop.abort();
    await sut.writer.close();
    expect(sut.appends).toBe(1);
  });

  it("tells nobody of lines that an attempt wrote after it was lost", async () => {
    const sut = write(() => Promise.resolve("lost"));
    void sut.writer.add("INFO", "too late");
    await sut.writer.close();
    expect(sut.messages()).toEqual([]);
    expect(sut.published).toBe(0);
  });

  it("hides secrets, and cuts lines that nobody reads", async () => {
    const sut = write(kept);
    void sut.writer.add("INFO", "the key is a-secret-value, keep it");
    void sut.writer.add("INFO", "x".repeat(100_000));
    void sut.writer.add("INFO", `${"x".repeat(32 * 1024 - 8)}a-secret-value`);
    await sut.writer.close();
    const [first, second, third] = sut.messages();
    expect(third).not.toContain("a-sec");
    expect(first).toBe("the key is [redacted], keep it");
    expect(second).toHaveLength(32 * 1024);
  });
});
