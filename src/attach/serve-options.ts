/** What is served, with what its screens need of the process. Types only. */
import type { ServedBuild } from "../console/serving.ts";
import type { SharedDebugger } from "../tui/attached/shared-debugger.ts";
import type { StartLocal } from "../tui/terminal/local-pty.ts";

export interface ServeOptions extends ServedBuild {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the first screen shares; undefined = there is none. */
  readonly shared?: SharedDebugger | undefined;
  /** For editors in panes. */
  readonly startLocal: StartLocal;
}
