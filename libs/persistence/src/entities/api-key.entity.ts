import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";
import { createdNow, momentOrNull, text, texts } from "./column-types.js";

/** A key to the API; only its hash is kept. */
@Entity({ name: "api_keys" })
@Index("api_keys_hash", ["hash"], { unique: true })
export class ApiKeyEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(text)
  name!: string;

  /** The first characters, to find and to name it. */
  @Column(text)
  prefix!: string;

  /** SHA-256 of the whole key, hexadecimal. */
  @Column(text)
  hash!: string;

  @Column(texts)
  scopes!: string[];

  /** Null means every repository. */
  @Column({ type: "uuid", array: true, nullable: true })
  repositoryIds!: string[] | null;

  @Column(createdNow)
  createdAt!: Date;

  @Column(momentOrNull)
  lastUsedAt!: Date | null;

  @Column(momentOrNull)
  expiresAt!: Date | null;

  @Column(momentOrNull)
  revokedAt!: Date | null;
}
