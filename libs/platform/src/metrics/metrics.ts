import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";

/** Names and describes a metric; the name gets the prefix `pullwright_`. */
export interface MetricOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

/** Seconds, unless `buckets` says otherwise. */
export interface HistogramOptions<L extends string> extends MetricOptions<L> {
  readonly buckets?: readonly number[];
}

/** With `collect`, the value is fetched when somebody reads the metrics. */
export interface GaugeOptions<L extends string> extends MetricOptions<L> {
  readonly collect?: (gauge: Gauge<L>) => void | Promise<void>;
}

/** The metrics of one process. Asking twice for a name gives the same metric. */
export interface Metrics {
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L>;
  histogram<L extends string = never>(
    options: HistogramOptions<L>,
  ): Histogram<L>;
  gauge<L extends string = never>(options: GaugeOptions<L>): Gauge<L>;
  /** The text of `/metrics`. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Seconds, from a millisecond to the minutes an agent may take. */
const BUCKETS_SECONDS = [
  0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
  1_800,
];

/** Creates a registry with the process's own metrics (memory, event loop, garbage collection) in it. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const base = <L extends string>({
    name,
    help,
    labels = [],
  }: MetricOptions<L>) => ({
    name: `pullwright_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const known = (name: string): unknown =>
    registry.getSingleMetric(`pullwright_${name}`);
  return {
    // The casts: prom-client does not tell a metric's kind, and a name is used for one kind only.
    counter: <L extends string>(options: MetricOptions<L>) =>
      (known(options.name) as Counter<L> | undefined) ??
      new Counter<L>(base(options)),
    histogram: <L extends string>(options: HistogramOptions<L>) =>
      (known(options.name) as Histogram<L> | undefined) ??
      new Histogram<L>({
        ...base(options),
        buckets: [...(options.buckets ?? BUCKETS_SECONDS)],
      }),
    gauge: <L extends string>(options: GaugeOptions<L>) =>
      (known(options.name) as Gauge<L> | undefined) ??
      createGauge(base(options), options.collect),
    render: async () => ({
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  };
}

function createGauge<L extends string>(
  base: ConstructorParameters<typeof Gauge<L>>[0],
  collect: ((gauge: Gauge<L>) => void | Promise<void>) | undefined,
): Gauge<L> {
  const gauge: Gauge<L> = new Gauge<L>({
    ...base,
    ...(collect ? { collect: () => collect(gauge) } : {}),
  });
  return gauge;
}
