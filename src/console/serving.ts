/** A debugger that others may attach to, as front ends ask for it: screens by src/attach, editors by src/dap. */
import { BktuiError } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { StateSide } from "../engine/engine.ts";
import type { Settings } from "./settings.ts";

/** Which state an attached shell is in: at each stop the most interesting one that there is, or always the same side. */
export type ShellSide = "shown" | StateSide;

export const SHELL_SIDES: readonly ShellSide[] = ["shown", "base", "failed", "after"];

/** What is served. */
export interface ServedBuild {
  readonly debugger: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  readonly settings: Settings;
  /** To attach by; "" = one is made up. */
  readonly name: string;
  /** Somebody ended the build from an attached screen. */
  end(code: number): void;
}

/** Terminals can attach until it is disposed, which closes their screens. */
export interface Served extends AsyncDisposable {
  /** "bktui attach build-3f2a". */
  readonly command: string;
  /** Of the socket: a program that attaches by it need not look in any folder. */
  readonly path: string;
  /** How many are attached now. */
  readonly screens: number;
  /** Called after each change of it; answers how to be called no longer. */
  subscribe(listener: () => void): () => void;
  /** What attached terminals are told when it ends. */
  conclude(words: string): void;
}

/** @throws {BktuiError} "usage" when the name is none or taken, "io" when there is no safe place for the socket. */
export type Serve = (build: ServedBuild) => Promise<Served>;

/** Editors that attach to a debugger, over the Debug Adapter Protocol; disposing closes their sessions. */
export interface EditorDoor extends AsyncDisposable {
  /**
   * Waits for editors from now on; where it does so already, that place stays.
   * @param where unix:NAME, unix:/PATH or tcp:127.0.0.1:PORT; "" = a name is made up
   * @returns what they come in with, in words: "bktui dap attach app-3f2a"
   * @throws {BktuiError} as `Serve`
   */
  open(where: string): Promise<string>;
}

/** Closed at first. */
export type MakeEditorDoor = (build: Omit<ServedBuild, "name">) => EditorDoor;

/** What is said when editors are let in. @throws {BktuiError} as `EditorDoor.open`; "unsupported" where there is no door. */
export async function editorsWords(editors: EditorDoor | undefined, where: string): Promise<string> {
  if (editors === undefined)
    throw new BktuiError("unsupported", "dap: no editor can attach here", {
      hint: "bktui --dap is for a screen, the line mode and --json",
    });
  return `editors attach with: ${visibleText(await editors.open(where))}`;
}
