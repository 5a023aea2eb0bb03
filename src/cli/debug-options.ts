/** What a command line asks of a debugger run, as typed data. */
import type { TypedBundle } from "../console/bundles/read-bundle.ts";
import type { EnginePolicy } from "../console/connect.ts";
import type { TypedFailureExport } from "../console/exports/failure-export.ts";
import type { parseBreakpoints } from "../console/option-values.ts";
import type { CallMethod } from "../console/values/call.ts";
import type { PolicyChoice } from "../console/values/policy.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { ConfigLayer } from "./config/read-config.ts";
import type { DumpChoice } from "./llb/dump-choice.ts";
import type { ProgressMode } from "./options/progress-mode.ts";
import type { ScriptChoice } from "./script-options.ts";
import type { TypedTls } from "./tls-options.ts";
import type { TypedPath, TypedSource } from "./typed-source.ts";

export type UiChoice = "auto" | "full" | "plain";

/** What options say of the build. */
export type BuildChoices = Omit<BuildRequest, "source">;

/** A debugger run. */
export interface DebugOptions extends TypedSource {
  /** A directory (the context), a Dockerfile, a URL or standard input. */
  readonly path: TypedPath;
  /** `-f`. */
  readonly file: TypedPath | undefined;
  /** `--context`. */
  readonly context: TypedPath | undefined;
  readonly build: BuildChoices;
  /** undefined = none is asked for, nor taken back. */
  readonly breakpoints: ReturnType<typeof parseBreakpoints> | undefined;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Of a run that nobody attends: after a failure all runs that does not need what failed. */
  readonly keepGoing: boolean;
  /** `--json`: commands by lines in, answers and events as lines of JSON out. */
  readonly json: boolean;
  /** `--script`; undefined = there is none. */
  readonly script: ScriptChoice | undefined;
  /** `--serve[=NAME]`, "" without a name; undefined = it was not given. */
  readonly serve: string | undefined;
  /** `--dap[=PLACE]`: editors may attach; "" without a place, undefined = it was not given. */
  readonly dap: string | undefined;
  /** What is exported of a build that fails. */
  readonly typedExport: TypedFailureExport;
  /** What is written to a file when a run that nobody attends fails. */
  readonly bundle: TypedBundle | undefined;
  /** `--color` or `--no-color`; undefined = as NO_COLOR and the terminal say. */
  readonly color: boolean | undefined;
  readonly ascii: boolean;
  /** "auto" = the full screen where there can be one, else the line mode. */
  readonly ui: UiChoice;
  /** `--config`, absolute: a file of settings, or docker's directory. */
  readonly configFile: string | undefined;
  /** Whether the file beside the Dockerfile is read. */
  readonly projectConfig: boolean;
  /** What options and environment say about settings: the strongest layer. */
  readonly given: ConfigLayer;
  /** What is printed where there is no screen; undefined = nobody says. */
  readonly progress: ProgressMode | undefined;
  /** `-q`. */
  readonly quiet: boolean;
  /** `--policy`; undefined = docker's own choice. */
  readonly policies: PolicyChoice | undefined;
  /** `--call`: what the frontend is asked in place of a build. */
  readonly call: CallMethod | undefined;
  /** The definition is written, in place of a build. */
  readonly dump?: DumpChoice;
  readonly addr: string | undefined;
  /** `--tls…`. */
  readonly typedTls: TypedTls;
  /** `--builder`. */
  readonly builder: string | undefined;
  /** Undefined = ask when there is somebody to ask, else auto. */
  readonly enginePolicy: EnginePolicy | undefined;
  /** Show causes and stacks of errors. */
  readonly debug: boolean;
  /** Things to say before the build, one line each. */
  readonly notes: readonly string[];
}
