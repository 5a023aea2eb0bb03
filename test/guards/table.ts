import type { Guard } from "./guard.ts";
import { ownThings } from "./own-things.ts";
import { reach } from "./reach.ts";
import { sentFiles } from "./sent-files.ts";
import { shownText } from "./shown-text.ts";

/** All guards; a case may have several. */
export const guards: readonly Guard[] = [...shownText, ...sentFiles, ...ownThings, ...reach];

/** Cases that have tests and no row yet. */
export const withoutRow: readonly string[] = "S01 S02 S03 S04 S05 S06 S12 S13 S22 S27 S28 S29 S42 S45 S46 S47"
  .concat(" S26 R01 R02 R03 R05 R06 R07 R08 R09 R10 R11 R12 R13 R14 R15 R21 R22 R24 R25 R26 R28")
  .split(" ");
