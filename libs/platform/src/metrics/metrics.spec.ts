import { expect, test } from "@jest/globals";
import { createMetrics } from "./metrics.js";

test("metrics are named after the product and labelled with the service", async () => {
  const metrics = createMetrics("api");
  metrics
    .counter({ name: "requests_total", help: "Requests.", labels: ["status"] })
    .inc({ status: "200" });
  metrics.histogram({ name: "request_seconds", help: "Time." }).observe(0.02);
  const { body, contentType } = await metrics.render();
  expect(body).toContain(
    'pullwright_requests_total{status="200",service="api"} 1',
  );
  expect(body).toContain(
    'pullwright_request_seconds_bucket{le="0.025",service="api"} 1',
  );
  expect(contentType).toMatch(/^text\/plain/);
});

test("the process's own metrics are there", async () => {
  expect((await createMetrics("api").render()).body).toContain(
    "process_resident_memory_bytes",
  );
});

test("asking twice for a metric gives the same one", async () => {
  const metrics = createMetrics("api");
  const requests = () =>
    metrics.counter({ name: "requests_total", help: "Requests." });
  requests().inc();
  requests().inc();
  expect((await metrics.render()).body).toContain(
    'pullwright_requests_total{service="api"} 2',
  );
});

test("a gauge may be asked for its value when somebody looks", async () => {
  const metrics = createMetrics("api");
  let depth = 1;
  metrics.gauge({
    name: "depth",
    help: "Depth.",
    collect: (gauge) => gauge.set(depth),
  });
  depth = 7;
  expect((await metrics.render()).body).toContain(
    'pullwright_depth{service="api"} 7',
  );
});

test("two registries in one process do not mix", async () => {
  const [first, second] = [createMetrics("one"), createMetrics("two")];
  first.counter({ name: "only_here_total", help: "x" }).inc();
  expect((await second.render()).body).not.toContain("only_here");
});
