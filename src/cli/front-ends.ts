/** What the command line starts; main.ts provides it and loads each part only when it is used. */
import type { ReadStream } from "node:tty";
import type { Connect, EngineChoice, EngineTls, Waiting } from "../console/connect.ts";
import type { FailureExport } from "../console/exports/failure-export.ts";
import type { MakeEditorDoor, Serve, ShellSide } from "../console/serving.ts";
import type { Settings } from "../console/settings.ts";
import type { ServeDap } from "../dap/host.ts";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { BuildRequest, TakenValue } from "../engine/build-request.ts";
import type { ImageFile, RecordSource } from "../engine/record.ts";
import type { Graph, Vertex } from "../graph/graph.ts";
import type { serveMcp } from "../mcp/serve-mcp.ts";
import type { EngineAction, EngineStartOptions } from "./engine-command.ts";

/** A run on the screen. */
export interface ScreenRun {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointOrder[];
  /** Those that earlier runs left behind are neither set nor changed. */
  readonly noEarlierBreaks: boolean;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first, one line each. */
  readonly notes: readonly string[];
  /** What is exported when the build fails; undefined = nothing. */
  readonly failureExport: FailureExport | undefined;
  /** Undefined = as NO_COLOR and the terminal say. */
  readonly color: boolean | undefined;
  /** Undefined = as the locale and the terminal say. */
  readonly ascii: boolean | undefined;
  readonly engine: EngineChoice;
  readonly settings: Settings;
  /** By which name others may attach, "" = one is made up; undefined = nobody is to. */
  readonly serve: string | undefined;
  /** Where editors may attach, "" = a name is made up; undefined = they may not, until somebody lets them. */
  readonly dap: string | undefined;
}

/** "lines" = line mode, "headless" = progress only. */
export type Ui = "full" | "lines" | "headless";

/** A terminal to read keys from. */
export type Keys = ReadStream & { readonly fd: number };

/** Text for standard output, one or more lines without the last line end, and the exit code. */
export interface CommandResult {
  readonly text: string;
  readonly exitCode: number;
}

/** What a command line says of the engine. */
export type NamedEngine = Partial<Pick<EngineChoice, "addr" | "tls" | "builder">>;

/** An engine, and who chose it. */
export interface ChosenEngine {
  readonly text: string;
  readonly from: string;
  /** How it is spoken to over TLS; `skipVerify`: any certificate will do. Absent = without. */
  readonly tls?: EngineTls & { readonly skipVerify?: boolean | undefined };
}

/** A build that a terminal can attach to; texts are harmless. */
export interface AttachableBuild {
  readonly name: string;
  /** Of its socket. */
  readonly path: string;
  readonly pid: number;
  readonly what: string;
  readonly status: string;
  /** How many are attached. */
  readonly screens: number;
}

/** What a terminal that attaches is to show; "watch": a screen that changes nothing. */
export type AttachWish =
  | { readonly wish: "screen" | "watch" }
  | { readonly wish: "shell"; readonly side: ShellSide };

/** Where docker looks for plugins, in this order; directories. */
export interface PluginPlaces {
  /** Of its configuration. */
  readonly first: readonly string[];
  /** The user's. */
  readonly own: string;
  /** The system's. */
  readonly others: readonly string[];
}

export interface FrontEnds {
  /** Lets others attach to a debugger. */
  readonly serve: Serve;
  /** Those of this user. */
  attachables(): Promise<readonly AttachableBuild[]>;
  /** Until it is left or over; answers the exit code. Handles signals itself. */
  attach(path: string, wish: AttachWish): Promise<number>;
  readonly connect: Connect;
  /** Serves an agent until it is gone. */
  readonly mcp: typeof serveMcp;
  /** Serves an editor until it is gone. */
  readonly dap: ServeDap;
  /** Lets editors attach to a debugger. */
  readonly editors: MakeEditorDoor;
  /** Program and first arguments of one more bktui. */
  readonly ownCommand: readonly string[];
  /**
   * Runs the full screen until it is left; answers the exit code. Handles signals itself.
   * @param keys the terminal, when standard input is something else
   */
  screen(run: ScreenRun, keys: Keys | undefined): Promise<number>;
  /** A menu on the terminal, before the screen; undefined = it was left without a choice. */
  choose(
    title: string,
    items: readonly { readonly label: string; readonly value: string }[],
    look: Pick<ScreenRun, "color" | "ascii"> & { readonly keys: Keys | undefined },
  ): Promise<string | undefined>;
  /** buildx as it is installed here; undefined = it is not. */
  findBuildx(): Promise<
    | {
        readonly program: string;
        readonly args: readonly string[];
        readonly env: Readonly<Record<string, string>>;
      }
    | undefined
  >;
  pluginPlaces(): Promise<PluginPlaces>;
  engineCommand(action: EngineAction, options: EngineStartOptions, waiting: Waiting): Promise<CommandResult>;
  /** What docker's configuration hands to every build, for people. @throws {BktuiError} "io", "not-found" for a docker context. */
  dockerDefaults(addr: string | undefined): Promise<readonly TakenValue[]>;
  /** What cannot be read of docker's configuration, which counts as not there. */
  dockerProblems(): Promise<readonly string[]>;
  /** From now on these variables of docker's client have these values, e.g. DOCKER_CONFIG. */
  setDocker(variables: Readonly<Record<string, string>>): void;
  /** Records of builds; no engine is started for them. The caller disposes it. */
  history(engine: NamedEngine, waiting: Waiting): Promise<RecordSource>;
  /** Looks at the definition of a request for one. @throws {BktuiError} "bad-request" with what is wrong and where. */
  readDefinition(request: BuildRequest, options?: { readonly isBuilt: boolean }): Promise<Graph>;
  /** How a definition is written. */
  definitionWriter(): Promise<{
    marshalled(graph: Graph): Uint8Array;
    /** Untrusted texts. */
    described(vertex: Vertex): {
      readonly op: unknown;
      readonly description: Readonly<Record<string, string>>;
      readonly caps: readonly string[];
    };
  }>;
  /** Records of a file, or the image in it. @throws {BktuiError} "bad-request" with what is wrong and where. */
  openFile(path: string, waiting: Pick<Waiting, "signal">): Promise<RecordSource | ImageFile>;
  /** Labels of an image that the docker of the engine has; undefined where it does not know it. */
  imageLabels(name: string, engine: NamedEngine, waiting: Waiting): Promise<ImageFile["labels"] | undefined>;
  doctor(engine: NamedEngine, waiting: Waiting): Promise<CommandResult>;
  /** What would be used, as far as it can be told without asking any engine. */
  chosenEngine(engine: NamedEngine): Promise<ChosenEngine>;
}
