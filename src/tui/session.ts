/** What exists once there is a debugger: its shells, clocks, log rows and the file on disk. */
import type { Debugger } from "../debugger/debugger.ts";
import type { EarlierLogs } from "../debugger/earlier-logs.ts";
import type { Attempts } from "./attempts.ts";
import type { EnvironmentCache } from "./environment-cache.ts";
import type { Explanations } from "./explanations.ts";
import type { FileReadings } from "./file-readings.ts";
import type { FileWatch } from "./file-watch.ts";
import type { RunClock } from "./run-clock.ts";
import type { RunControl } from "./run-control.ts";
import type { ShellControl } from "./shell-control.ts";
import type { Shells } from "./shells.ts";

export interface Session {
  readonly debug: Debugger;
  readonly control: RunControl;
  readonly shells: ShellControl;
  readonly shellList: Shells;
  readonly environments: EnvironmentCache;
  readonly fileReadings: FileReadings;
  readonly explanations: Explanations;
  readonly clock: RunClock;
  readonly watch: FileWatch;
  readonly attempts: Attempts;
  readonly earlierLogs: EarlierLogs;
}
