import { Column, Entity, PrimaryColumn } from "typeorm";
import {
  createdNow,
  moment,
  momentOrNull,
  text,
  uuidOrNull,
  zero,
} from "./column-types.js";

/** A credential whose quota is used up. It has a row exactly as long as it is not known to work again. */
@Entity({ name: "breakers" })
export class BreakerEntity {
  /** The agent and a fingerprint of its key, such as `claude:1f0c…`. */
  @PrimaryColumn({ type: "text" })
  credential!: string;

  @Column(text)
  agent!: string;

  /** Nobody asks before; from then on one phase at a time tries. */
  @Column(moment)
  openUntil!: Date;

  @Column(text)
  reason!: string;

  /** Tries that found it still used up. */
  @Column(zero)
  failures!: number;

  /** The phase that tries, or tried last. */
  @Column(uuidOrNull)
  probePhaseRunId!: string | null;

  /** How long the one that tries has to begin. */
  @Column(momentOrNull)
  probeUntil!: Date | null;

  @Column(createdNow)
  since!: Date;
}
