/** What is opened, as a build: its options in one grammar with those that are typed. */
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { ShownRecord, Waiting } from "../../console/connect.ts";
import type { ImageFile, RecordSource } from "../../engine/record.ts";
import type { Output } from "../../plain/output.ts";
import { parseArguments } from "../arguments.ts";
import type { Terminals } from "../choose-ui.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { ReceivedInput } from "../received.ts";
import type { OpenLine } from "./open-command.ts";

/** What a record asks a debugger for. */
export interface RecordBuild {
  readonly options: DebugOptions;
  /** Its own Dockerfile, where that is no file here. */
  readonly input: ReceivedInput | undefined;
  /** Shown first, as it ended then. */
  readonly record?: ShownRecord;
}

/** What a line with `open` needs of a process and its parts. */
export interface OpenRun extends Surroundings, Terminals {
  readonly stdout: Output;
  readonly stderr: Output;
  /** The records of the engine that options name. */
  history(options: DebugOptions, waiting: Waiting): Promise<RecordSource>;
  /** The records of a file, or the image in it. */
  openFile(path: string, waiting: Waiting): Promise<RecordSource | ImageFile>;
  /** Labels of an image that the docker of the engine has; undefined where it does not know it. */
  imageLabels(
    name: string,
    options: DebugOptions,
    waiting: Waiting,
  ): Promise<ImageFile["labels"] | undefined>;
  /** Debugs a build; answers the exit code. */
  debug(build: RecordBuild): Promise<number>;
}

/** The options that were typed beside the record, as for a build of the current directory. */
export function typedOptions({ words }: OpenLine, surroundings: Surroundings): DebugOptions {
  return parsed([...words, surroundings.cwd], surroundings);
}

/** Options of a build, as they would be typed. */
export function parsed(words: readonly string[], surroundings: Surroundings): DebugOptions {
  const invocation = parseArguments(words, surroundings);
  if (invocation.kind === "debug") return invocation.options;
  throw new BktuiError("internal", "the record became no build");
}

/** Notes are of untrusted text. */
export function toldFirst(notes: readonly string[], options: DebugOptions): DebugOptions {
  return { ...options, notes: [...notes.map(visibleLine), ...options.notes] };
}
