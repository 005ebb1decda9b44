import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import {
  bigOrNull,
  bigZero,
  createdNow,
  integerOrNull,
  jsonOrNull,
  text,
  textOrNull,
  usdOrNull,
  uuid,
} from "./column-types.js";
import { AttemptEntity } from "./attempt.entity.js";

/** One call to a model, as far as the agent reports it. */
@Entity({ name: "llm_calls" })
@ForeignKey(() => AttemptEntity, ["conversationId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("llm_calls_conversation", ["conversationId", "id"])
export class LlmCallEntity {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id!: string;

  /** The attempt. */
  @Column(uuid)
  conversationId!: string;

  @Column(textOrNull)
  model!: string | null;

  @Column(bigZero)
  promptTokens!: number;

  @Column(bigZero)
  completionTokens!: number;

  @Column(bigZero)
  totalTokens!: number;

  @Column(bigOrNull)
  maxTokens!: number | null;

  @Column(bigOrNull)
  totalTokensRequested!: number | null;

  @Column(integerOrNull)
  responseTimeMs!: number | null;

  @Column({ ...text, default: "success" })
  status!: string;

  @Column(textOrNull)
  errorCode!: string | null;

  @Column(jsonOrNull)
  truncatedSections!: unknown;

  @Column(textOrNull)
  promptHash!: string | null;

  @Column(textOrNull)
  responseHash!: string | null;

  @Column(jsonOrNull)
  budgetSnapshot!: unknown;

  @Column(usdOrNull)
  cost!: number | null;

  @Column(jsonOrNull)
  requestData!: unknown;

  @Column(jsonOrNull)
  responseData!: unknown;

  @Column(createdNow)
  timestamp!: Date;
}
