import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import { createdNow, json, text, uuid } from "./column-types.js";
import { AttemptEntity } from "./attempt.entity.js";

/** One message of an attempt's transcript. */
@Entity({ name: "messages" })
@ForeignKey(() => AttemptEntity, ["conversationId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("messages_conversation", ["conversationId", "id"])
export class MessageEntity {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id!: string;

  /** The attempt. */
  @Column(uuid)
  conversationId!: string;

  @Column(text)
  role!: string;

  @Column(text)
  content!: string;

  @Column({ ...json, default: [] })
  artifacts!: unknown;

  @Column({ ...json, default: {} })
  messageMetadata!: unknown;

  @Column(createdNow)
  createdAt!: Date;
}
