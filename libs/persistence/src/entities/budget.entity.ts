import { Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import {
  bigOrNull,
  bigZero,
  createdNow,
  text,
  usdOrNull,
  uuidOrNull,
} from "./column-types.js";
import { RepositoryEntity } from "./repository.entity.js";

/** A limit on money or tokens. */
@Entity({ name: "budgets" })
@ForeignKey(() => RepositoryEntity, ["repositoryId"], ["id"], {
  onDelete: "CASCADE",
})
export class BudgetEntity {
  /** `scope/repository/key`, so that there is one of each. */
  @PrimaryColumn({ type: "text" })
  id!: string;

  @Column(text)
  scope!: string;

  /** `*` for each of its scope. */
  @Column(text)
  key!: string;

  /** Null: it counts all repositories. */
  @Column(uuidOrNull)
  repositoryId!: string | null;

  @Column(usdOrNull)
  limitUsd!: number | null;

  @Column(bigOrNull)
  limitTokens!: number | null;

  /** Each reservation makes another, in its own commit: whoever read the budget before has to read it again. */
  @Column(bigZero)
  version!: number;

  @Column(text)
  createdBy!: string;

  @Column(createdNow)
  createdAt!: Date;

  @Column(createdNow)
  updatedAt!: Date;
}
