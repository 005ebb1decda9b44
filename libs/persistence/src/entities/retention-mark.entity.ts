import { Column, Entity, PrimaryColumn } from "typeorm";
import { moment } from "./column-types.js";

/** How far retention has come through a table whose rows stay, so that it does not read them all again. */
@Entity({ name: "retention_marks" })
export class RetentionMarkEntity {
  @PrimaryColumn({ type: "text" })
  name!: string;

  @Column(moment)
  doneUntil!: Date;
}
