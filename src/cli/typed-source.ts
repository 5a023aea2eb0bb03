/** What options say of a build that is not one of a path: its frontend, and what that may read. */

/** What was typed where a file or directory belongs: unchecked, whether it exists is for inputs.ts to see. */
export interface TypedPath {
  /** As typed: `-` is standard input, and a URL is fetched by the engine. */
  readonly text: string;
  /** Absolute: what it names if it is a path. */
  readonly path: string;
  /** It stands behind a `--serve`, for whose name it may be meant. */
  readonly isBehindServe?: true;
  /** Nothing was typed. */
  readonly isDefault?: true;
}

export interface TypedSource {
  /** `--frontend`, e.g. "gateway.v0". */
  readonly frontend?: string;
  /** `--opt`, those that no other option has a name for. */
  readonly frontendOptions?: Readonly<Record<string, string>>;
  /** `--local`, by name. */
  readonly locals?: Readonly<Record<string, TypedPath>>;
  /** `--oci-layout`, by name. */
  readonly layouts?: Readonly<Record<string, TypedPath>>;
  /** `--source`. */
  readonly shown?: TypedPath;
  /** `--llb`; "-" is standard input. */
  readonly llb?: TypedPath;
  /** `--image-config`. */
  readonly imageConfig?: TypedPath;
}
