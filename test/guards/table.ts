import { engineFaults } from "./engine-faults.ts";
import type { Guard } from "./guard.ts";
import { hostileEngine } from "./hostile-engine.ts";
import { onTerminals } from "./on-terminals.ts";
import { ownFaults } from "./own-faults.ts";
import { ownThings } from "./own-things.ts";
import { reach } from "./reach.ts";
import { sentFiles } from "./sent-files.ts";
import { shownText } from "./shown-text.ts";

/** All guards; a case may have several. */
export const guards: readonly Guard[] = [
  ...shownText,
  ...sentFiles,
  ...ownThings,
  ...hostileEngine,
  ...ownFaults,
  ...engineFaults,
  ...onTerminals,
  ...reach,
];

/** Cases that have tests, and no row yet whose guard was seen to be missed. */
export const withoutRow: readonly string[] = ["R13", "R15", "R22"];
