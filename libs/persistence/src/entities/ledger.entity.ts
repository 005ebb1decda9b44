import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import {
  bigZero,
  createdNow,
  integer,
  momentOrNull,
  text,
  textOrNull,
  texts,
  usd,
  uuid,
} from "./column-types.js";

/** What attempts took and may still take: one row each, kept for good. Without foreign keys, since it outlives the runs. */
@Entity({ name: "ledger" })
@Index("ledger_run", ["workflowRunId"])
@Index("ledger_work_item", ["workItemId"])
@Index("ledger_repository", ["repositoryId", "settledTx"])
@Index("ledger_day", ["day", "settledTx"])
@Index("ledger_settled", ["settledTx"])
@Index("ledger_phase", ["phase", "agent", "at"])
export class LedgerEntity {
  @PrimaryColumn({ type: "uuid" })
  attemptId!: string;

  @Column(createdNow)
  at!: Date;

  /** In UTC, when it was settled; while it runs, when it was last noted. What runs counts for each day that it runs on. */
  @Column({ type: "date" })
  day!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(text)
  adwId!: string;

  @Column(integer)
  execution!: number;

  @Column(text)
  phase!: string;

  @Column(uuid)
  repositoryId!: string;

  @Column(uuid)
  workItemId!: string;

  /** Of the work item, as they stood then. */
  @Column(texts)
  labels!: string[];

  @Column(textOrNull)
  agent!: string | null;

  @Column(textOrNull)
  model!: string | null;

  @Column(usd)
  reservedUsd!: number;

  @Column(bigZero)
  reservedTokens!: number;

  /** Known so far; final once settled. */
  @Column(usd)
  costUsd!: number;

  @Column(bigZero)
  tokens!: number;

  /** Null while the attempt runs: until then the reservation counts. */
  @Column(momentOrNull)
  settledAt!: Date | null;

  /** The transaction that settled it, so that sums can be kept; while it runs, a number that none ever has. */
  @Column({ type: "bigint", default: "9223372036854775807" })
  settledTx!: string;
}
