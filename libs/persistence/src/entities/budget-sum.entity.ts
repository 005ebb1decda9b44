import { Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import { BudgetEntity } from "./budget.entity.js";
import { big, bigZero, usd } from "./column-types.js";

/**
 * What is spent of a budget that many runs share, up to a transaction before which all had ended: the ledger's rows of those
 * never change, so that only later ones are added up. Written by whoever has the budget locked.
 */
@Entity({ name: "budget_sums" })
@ForeignKey(() => BudgetEntity, ["budgetId"], ["id"], { onDelete: "CASCADE" })
export class BudgetSumEntity {
  @PrimaryColumn({ type: "text" })
  budgetId!: string;

  /** The repository's id where each has the limit for itself; else empty. */
  @PrimaryColumn({ type: "text" })
  share!: string;

  /** In UTC, when it was added up; a day's budget forgets it with the day. */
  @Column({ type: "date" })
  day!: string;

  /** Rows that were settled by this transaction or a later one are not in it. */
  @Column(big)
  settledBefore!: number;

  /** Of many runs: more digits than a run's own. */
  @Column({ ...usd, precision: 20 })
  spentUsd!: number;

  @Column(bigZero)
  spentTokens!: number;
}
