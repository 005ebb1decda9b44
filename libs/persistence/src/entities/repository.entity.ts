import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";
import { big, createdNow, json, text, yes } from "./column-types.js";

/** A repository that Pullwright watches. */
@Entity({ name: "repositories" })
@Index("repositories_github_id", ["githubId"], { unique: true })
@Index("repositories_name", ["owner", "name"])
export class RepositoryEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  /** GitHub's own id; names change, ids do not. */
  @Column(big)
  githubId!: number;

  @Column(text)
  owner!: string;

  @Column(text)
  name!: string;

  @Column(text)
  defaultBranch!: string;

  @Column(yes)
  enabled!: boolean;

  /** What this repository allows; narrows the installation's policy. */
  @Column({ ...json, default: {} })
  policy!: unknown;

  /** The turns that dispatch has given it, each divided by its weight. */
  @Column({ type: "double precision", default: 0 })
  turns!: number;

  @Column(createdNow)
  createdAt!: Date;

  @Column(createdNow)
  updatedAt!: Date;
}
