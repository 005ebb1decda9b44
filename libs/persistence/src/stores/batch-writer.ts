export interface BatchLimits<Item> {
  /** Batches on their way at once. */
  readonly maxInFlight: number;
  readonly maxItems: number;
  /** Of all items of a batch together; one item alone may be larger. */
  readonly maxSize: number;
  readonly sizeOf: (item: Item) => number;
  /** Whether an item may go with those that are chosen already; any may unless told. Those that may not wait for the next. */
  readonly fits?: (batch: readonly Item[], item: Item) => boolean;
  /** Whether an error may be one item's fault, so that the others of its batch are worth a try without it. */
  readonly isItemsFault: (error: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes together what arrives while earlier batches are on their way; an item that comes alone waits for nobody. */
export class BatchWriter<Item, Answer> {
  #waiting: Waiting<Item, Answer>[] = [];
  #inFlight = 0;

  constructor(
    /** Answers in the items' order. It may be called again with each item alone after a batch of several failed. */
    private readonly write: (
      items: readonly Item[],
    ) => Promise<readonly Answer[]>,
    private readonly limits: BatchLimits<Item>,
  ) {}

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    while (
      this.#waiting.length > 0 &&
      this.#inFlight < this.limits.maxInFlight
    ) {
      this.#inFlight += 1;
      void this.#settle(this.#nextBatch()).finally(() => {
        this.#inFlight -= 1;
        this.#begin();
      });
    }
  }

  /** The one that waits longest, and of the others those that may go with it. */
  #nextBatch(): Waiting<Item, Answer>[] {
    if (this.#waiting.length === 1) return this.#waiting.splice(0);
    const { maxItems, maxSize, sizeOf, fits = () => true } = this.limits;
    const batch: Waiting<Item, Answer>[] = [];
    const left: Waiting<Item, Answer>[] = [];
    const items: Item[] = [];
    let size = 0;
    for (const waiting of this.#waiting) {
      const { item } = waiting;
      const goes =
        items.length === 0 ||
        (items.length < maxItems &&
          size + sizeOf(item) <= maxSize &&
          fits(items, item));
      (goes ? batch : left).push(waiting);
      if (!goes) continue;
      items.push(item);
      size += sizeOf(item);
    }
    this.#waiting = left;
    return batch;
  }

  /** Never rejects. An item that Postgres refuses must not take others with it. */
  async #settle(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.write(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(new Error("a batch lacks an answer"));
        else resolve(answer);
      });
    } catch (error) {
      if (batch.length === 1 || !this.limits.isItemsFault(error))
        for (const { reject } of batch) reject(error);
      else await Promise.all(batch.map((one) => this.#settle([one])));
    }
  }
}
