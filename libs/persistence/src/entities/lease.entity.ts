import { Column, Entity, PrimaryColumn } from "typeorm";
import { integer, moment, text } from "./column-types.js";

/** Who may do what only one may do. */
@Entity({ name: "leases" })
export class LeaseEntity {
  @PrimaryColumn({ type: "text" })
  name!: string;

  @Column(text)
  owner!: string;

  @Column({ ...integer, default: 1 })
  fence!: number;

  @Column(moment)
  leaseUntil!: Date;
}
