import type { Row } from "../bench.js";
import type { Machine } from "./machine.js";
import { markdownTable } from "./table.js";
import { verdictOf } from "./verdict.js";

export interface Findings {
  readonly rows: readonly Row[];
  /** Benches that could not be measured, and why. */
  readonly leftOut: readonly string[];
  readonly machine: Machine;
  readonly short: boolean;
  readonly at: Date;
}

/** The page `docs/benchmarks.md`, whole. */
export function renderDocument(findings: Findings): string {
  const { rows, leftOut, machine, short, at } = findings;
  const { processor, cores, memoryGb, system, versions } = machine;
  const missed = rows.filter((row) =>
    ["missed", "gross"].includes(verdictOf(row)),
  );
  const summary =
    missed.length === 0
      ? "Every target was met in this run."
      : `Missed in this run: ${missed.map((row) => `${row.what} (against ${row.against?.name ?? "its bound"})`).join("; ")}.`;
  return `# Benchmarks

Written by \`npm run bench -- --write\`; do not edit.

Every number is measured against a floor (the least that could do the job) or a peer (what one would write without
Pullwright) in the same run on the same machine. They take turns, and the ratio is the median of the ratios of the
rounds, so that a machine that is busy or slow changes both alike: trust the ratios, not the absolute values.
Postgres syncs every commit to disk, Redis keeps an append-only file, and everything speaks over loopback. Postgres' log is
that of a server that has run for a while: its files are used again instead of being made, which stops all commits each time.

- ${at.toISOString().slice(0, 10)}, ${processor}, ${cores.toString()} cores, ${memoryGb.toString()} GB, ${system}
- ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}
- ${short ? "short run: fewer rounds on smaller data" : "full run"}

${markdownTable(rows)}

${summary}${leftOut.length === 0 ? "" : `\n\nLeft out: ${leftOut.join("; ")}.`}

## What is compared

- **Gateway**: 32 connections send GitHub's published example payloads of about 18.6 KB as fast as they are answered.
  The bare server is \`node:http\` with the same signature check, the same columns and indexes, the same pool and the same
  BullMQ job, without limits, validation, metrics or bounds on time; ours runs with the flags that its deployment gives Node.
  The other stores the payload as \`jsonb\`. (The embedded Postgres is built without lz4: the text columns, the bare server's
  as well, are not compressed then.)
- **Run of 4 no-op phases**: the product claims the first phase (fence, lease, attempt, event), keeps its lease, logs a line,
  records the result with the transition it causes, tells the live feeds, and claims the next phase in the same statement, as
  a runner that stays with its run does. The run has a limit in US dollars, and an agent with a credential works: each claim
  looks at the credential's breaker, and each end settles what the phase says it took. Under a budget that all runs share, each
  claim also locks it, adds up what was spent and reserves, one after the other: with 50 in flight that is below the ratio, and
  the row only informs. The
  reference keeps the same facts with the same hops: a BullMQ job a phase, one transaction to claim it and one to finish it.
  Neither counts how the run is created, nor ours whose turn it is. The reference has no fences, leases, attempts, effects or live events: the ratio is
  the price of the rules.
- **Output to log rows**: a child process prints lines; they pass the sandbox's line splitter and the redaction of secrets
  and become rows of \`workflow_logs\`, in order, under the fence, and are published. The floor writes the same lines from
  memory into the same table with one \`COPY\`.
- **Log page**: 500 lines out of a run's log, against the same keyset query by itself through the same driver.
- **Live events**: batches of 20 lines to 500 subscribers. The floor writes one prepared buffer to 500 bare responses;
  ours come through Redis, are checked, encoded once and written to each stream.
- **Workspace**: a checkout for a run's first phase with the mirror present, from the tree that is laid out after each run
  whose own was slow, for the second of two runs at once, and from nothing, as the first run after the clone has it; and for
  the next phase of the same run; against \`git clone\` from the same server.
- **Reconciler**: all steps of a tick, one after the other, when there is nothing to do.
- **Recovery**: the product as ten processes of its own with servers of its own, as the fault suite runs it. A runner is
  killed with an agent at work; Redis is emptied while all runners are idle and a phase's ring stands in a paused queue, so that
  only a ring that is made again brings it on.
- **Peers**: DBOS and graphile-worker on the same Postgres, Restate with its own server; a run is a workflow of four recorded
  steps, or four jobs of which each adds the next. None has fences, logs, events or live feeds. Probot stores the same row and
  adds the same job.
- **Webhook to agent**: from the moment the webhook is sent to the start of the agent's process in its sandbox, GitHub's
  answers included, the preparation of the workspace not.
- **GitHub's quota**: runs in repositories of their own (40 at once; 4 in the short run) go from the label to the ready pull
  request through the real poller, orchestrator and a scripted runner, and the local GitHub counts every request whose answer
  is not "not modified". That is a run's cost; an hour is 80 of them, 40 at once for half an hour each, with the comparison of
  open runs added by its own interval. Time is compressed so that each change is written and polled by itself, which a real hour would
  partly put together. With webhooks, healthy feeds are polled every five minutes and no more.

## How to run it

\`\`\`sh
npm run bench                      # everything, ten to fifteen minutes
npm run bench -- --short           # three to four minutes, on smaller data
npm run bench -- --only gateway    # one or some, separated by commas
npm --prefix bench run ci          # installs what others have built, once
npm run bench -- --peers           # everything, and DBOS, graphile-worker, Restate and Probot beside it
npm run bench -- --write           # also writes this page
\`\`\`

It needs a \`redis-server\` on PATH or \`REDIS_URL\`; without one the rows on Redis are left out. It starts everything else
by itself, on loopback, and removes it. It reports; it fails only where a ratio is less than a quarter as good
as its target, a time ten times its bound, work does not go on after a loss, or GitHub's quota is exceeded at all.
`;
}
