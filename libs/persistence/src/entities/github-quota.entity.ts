import { Column, Entity, PrimaryColumn } from "typeorm";
import {
  createdNow,
  integerOrNull,
  momentOrNull,
  textOrNull,
  zero,
} from "./column-types.js";

/** What all processes together know of one of GitHub's quotas. */
@Entity({ name: "github_quota" })
export class GithubQuotaEntity {
  /** Names the credentials without telling them. */
  @PrimaryColumn({ type: "text" })
  credential!: string;

  /** `core`, `graphql` or `search`. */
  @PrimaryColumn({ type: "text" })
  resource!: string;

  @Column(integerOrNull)
  quotaLimit!: number | null;

  @Column(integerOrNull)
  remaining!: number | null;

  @Column(momentOrNull)
  resetAt!: Date | null;

  @Column(momentOrNull)
  pausedUntil!: Date | null;

  /** Why it is paused: `primary` or `secondary`. */
  @Column(textOrNull)
  reason!: string | null;

  /** Requests since the window began, by class. */
  @Column(zero)
  controlRequests!: number;

  @Column(zero)
  statusRequests!: number;

  @Column(zero)
  discoveryRequests!: number;

  /** Requests that were not sent. */
  @Column(zero)
  refusedRequests!: number;

  /** When the next write may go; behind the present by what may go at once. */
  @Column(momentOrNull)
  nextWriteAt!: Date | null;

  /** Grows with every turn to write. */
  @Column(integerOrNull)
  writeFence!: number | null;

  /** Until then nobody else writes; null once the turn is given back. */
  @Column(momentOrNull)
  writeHeldUntil!: Date | null;

  /** When a turn was last asked for in vain since the one before was taken. */
  @Column(momentOrNull)
  writeWantedAt!: Date | null;

  @Column(createdNow)
  updatedAt!: Date;
}
