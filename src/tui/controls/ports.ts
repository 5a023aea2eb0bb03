/** What commands need of the world outside the screen. Types only; command-ports.ts has it. */
import type { Surroundings } from "../../console/build-options.ts";
import type { EditorPlace } from "../../console/settings.ts";
import type { OutputSpec } from "../../engine/outputs.ts";
import type { Overlay } from "../state/ui-state.ts";

/** A screen of a debugger that is elsewhere. */
export interface ScreenVisit {
  /** It may look around and nothing else. */
  readonly watches: boolean;
  /** Ends the screen and nothing else. */
  leave(): void;
  /** How many other screens the debugger has. */
  others(): number;
}

/** What the commands may do to the world outside the interface. */
export interface CommandPorts {
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
  /** What an export becomes when nothing else is said; undefined = nothing was asked for. */
  readonly exportAs?: OutputSpec | undefined;
  /** undefined = the debugger is this screen's own, and ends with it. */
  readonly visit?: ScreenVisit | undefined;
  /** Lets editors in, at a place or where it is made up; answers what to say. @throws {BktuiError} with why not. */
  letEditorsIn(where: string): Promise<string>;
  /** Ends the program; 130 for the third Ctrl-C, else decided by the build. */
  quit(code: number): void;
  /** Tries to find the engine again; false when there is one, or it is being looked for. */
  retry(): boolean;
  /** Path of the Dockerfile as the program was started. @throws {BktuiError} "not-now" when only an engine has it. */
  dockerfile(): string;
  /** Opens the editor on the file; on the whole terminal it resolves when the editor has ended. */
  edit(file: string, line: number, place: EditorPlace): Promise<void>;
  /** The editor in the pane; false when there is none. */
  readonly editor: { readonly isOpen: boolean; toKeyboard(): boolean; left(): void };
  copy(text: string): void;
  redraw(): void;
  suspend(): void;
  pasteToShell(text: string): void;
  menuKey(raw: string): void;
  /** The last error with everything known about it. */
  errorText(): Overlay;
  setTheme(change: { readonly color?: boolean; readonly ascii?: boolean }): void;
}
