import { Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import { createdNow, momentOrNull, textOrNull, zero } from "./column-types.js";
import { RepositoryEntity } from "./repository.entity.js";

/** How far the poller has read one feed of a repository. */
@Entity({ name: "feeds" })
@ForeignKey(() => RepositoryEntity, ["repositoryId"], ["id"], {
  onDelete: "CASCADE",
})
export class FeedEntity {
  @PrimaryColumn({ type: "uuid" })
  repositoryId!: string;

  @PrimaryColumn({ type: "text" })
  feed!: string;

  @Column(textOrNull)
  etag!: string | null;

  @Column(textOrNull)
  cursor!: string | null;

  @Column(zero)
  failures!: number;

  @Column(momentOrNull)
  polledAt!: Date | null;

  @Column(createdNow)
  nextPollAt!: Date;

  /** When a change that was found here had last been told by a webhook. */
  @Column(momentOrNull)
  toldAt!: Date | null;

  /** When one had not. */
  @Column(momentOrNull)
  untoldAt!: Date | null;
}
