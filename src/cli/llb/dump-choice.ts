/** What `bktui llb dump` writes, and where. */

export type DumpFormat = "llb" | "json" | "dot" | "mermaid";

/** What is written of a definition, and where. */
export interface DumpChoice {
  readonly format: DumpFormat;
  /** As typed; undefined = standard output. */
  readonly output: string | undefined;
}
