/** What the controller works with once there is a debugger. */

import type { Attempts } from "../../console/attempts.ts";
import type { FileWatch } from "../../console/file-watch.ts";
import type { RunClock } from "../../console/run-clock.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { Explanations } from "../../debugger/explain/explanations.ts";
import type { FileReadings } from "../../debugger/files/readings.ts";
import type { EarlierLogs } from "../../debugger/progress/earlier-logs.ts";
import type { EnvironmentCache } from "../../debugger/shells/environments.ts";
import type { Shells } from "../emulator/shell-screens.ts";
import type { RunControl } from "./run-control.ts";
import type { ShellControl } from "./shell-control.ts";

export interface Attached {
  readonly debug: Debugger;
  readonly control: RunControl;
  readonly shells: ShellControl;
  readonly shellList: Shells;
  readonly environments: EnvironmentCache;
  readonly fileReadings: FileReadings;
  readonly explanations: Explanations;
  readonly clock: RunClock;
  /** How long the engine has not answered, in milliseconds; undefined = it does. */
  readonly silentMs: number | undefined;
  readonly watch: FileWatch;
  readonly attempts: Attempts;
  readonly earlierLogs: EarlierLogs;
}
