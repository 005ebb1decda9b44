import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import {
  createdNow,
  integerOrNull,
  json,
  text,
  textOrNull,
  texts,
  uuid,
} from "./column-types.js";
import { RepositoryEntity } from "./repository.entity.js";

/** What is to be done: a GitHub issue or a text. */
@Entity({ name: "work_items" })
@ForeignKey(() => RepositoryEntity, ["repositoryId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("work_items_issue", ["repositoryId", "issueNumber"], { unique: true })
export class WorkItemEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuid)
  repositoryId!: string;

  /** Null for a text. */
  @Column(integerOrNull)
  issueNumber!: number | null;

  @Column(text)
  title!: string;

  @Column(text)
  body!: string;

  @Column(texts)
  labels!: string[];

  /** The comments of people who may write, oldest first, as they stood then. */
  @Column({ ...json, default: [] })
  comments!: unknown;

  @Column(textOrNull)
  author!: string | null;

  /** When title, body and labels were read from GitHub. */
  @Column(createdNow)
  snapshotAt!: Date;

  @Column(createdNow)
  createdAt!: Date;
}
