import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";
import {
  bigOrNull,
  createdNow,
  momentOrNull,
  text,
  textOrNull,
  uuidOrNull,
  zero,
} from "./column-types.js";

/** One webhook delivery or one polled change, as recorded. */
@Entity({ name: "deliveries" })
@Index("deliveries_guid", ["guid"], { unique: true })
@Index("deliveries_open", ["receivedAt"], { where: "handled_at IS NULL" })
@Index("deliveries_received", ["receivedAt"])
export class DeliveryEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(text)
  source!: string;

  @Column(text)
  guid!: string;

  @Column(text)
  event!: string;

  @Column(textOrNull)
  action!: string | null;

  @Column(bigOrNull)
  repositoryGithubId!: number | null;

  @Column(textOrNull)
  repositoryFullName!: string | null;

  @Column(text)
  payload!: string;

  @Column(createdNow)
  receivedAt!: Date;

  @Column(momentOrNull)
  rungAt!: Date | null;

  /** Who handles it holds it until then. */
  @Column(momentOrNull)
  handlingUntil!: Date | null;

  @Column(momentOrNull)
  handledAt!: Date | null;

  /** How often somebody took it in hand. Who neither settles it nor puts it back is lost with it. */
  @Column(zero)
  takes!: number;

  @Column(zero)
  failures!: number;

  /** Those of them that have a limit: neither GitHub's fault nor left to a newer version. */
  @Column(zero)
  countedFailures!: number;

  /** `started`, `moved`, `ignored` or `failed`. */
  @Column(textOrNull)
  verdict!: string | null;

  @Column(textOrNull)
  verdictReason!: string | null;

  @Column(textOrNull)
  cause!: string | null;

  @Column(uuidOrNull)
  workflowRunId!: string | null;
}
