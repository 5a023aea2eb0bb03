import { definitions } from "./definitions.ts";
import { engineFaults } from "./engine-faults.ts";
import type { Guard } from "./guard.ts";
import { hostileEngine } from "./hostile-engine.ts";
import { onTerminals } from "./on-terminals.ts";
import { ownFaults } from "./own-faults.ts";
import { ownThings } from "./own-things.ts";
import { reach } from "./reach.ts";
import { receivedFiles } from "./received-files.ts";
import { records } from "./records.ts";
import { sentFiles } from "./sent-files.ts";
import { shownText } from "./shown-text.ts";

/** All guards; a case may have several. */
export const guards: readonly Guard[] = [
  ...shownText,
  ...sentFiles,
  ...receivedFiles,
  ...records,
  ...definitions,
  ...ownThings,
  ...hostileEngine,
  ...ownFaults,
  ...engineFaults,
  ...onTerminals,
  ...reach,
];

/** Cases without a row. S38: what refuses is the engine, to which the test speaks itself; nothing of bktui could be taken out. */
export const withoutRow: readonly string[] = ["S38"];
