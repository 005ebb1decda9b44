import { Column, Entity, PrimaryColumn } from "typeorm";
import { momentOrNull, textOrNull } from "./column-types.js";

/** How far a webhook's log of deliveries on GitHub has been read. */
@Entity({ name: "hook_logs" })
export class HookLogEntity {
  /** `app`, or a repository by our id. */
  @PrimaryColumn({ type: "text" })
  name!: string;

  /** What was delivered before this has been looked at. */
  @Column(momentOrNull)
  readUntil!: Date | null;

  /** When the log was last asked for. */
  @Column(momentOrNull)
  readAt!: Date | null;

  /** Why it could not be read; null when it could. */
  @Column(textOrNull)
  trouble!: string | null;
}
