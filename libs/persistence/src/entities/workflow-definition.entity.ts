import { Column, Entity, PrimaryColumn } from "typeorm";
import { createdNow, integer, json, text } from "./column-types.js";

/** A resolved workflow definition that a run pinned. */
@Entity({ name: "workflow_definitions" })
export class WorkflowDefinitionEntity {
  /** SHA-256 of the canonical JSON. */
  @PrimaryColumn({ type: "text" })
  sha256!: string;

  @Column(text)
  name!: string;

  @Column(integer)
  version!: number;

  @Column(json)
  definition!: unknown;

  @Column(createdNow)
  createdAt!: Date;
}
