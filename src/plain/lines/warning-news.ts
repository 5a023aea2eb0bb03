/** Warnings for those who read by lines: each once, when the build has come to rest. */
import { visibleLine } from "../../base/visible.ts";
import type { Phase } from "../../debugger/debugger.ts";
import { ruleWords, warningWords } from "../../debugger/explain/warning-words.ts";
import type { LogView, ProgressStore } from "../../debugger/progress/progress-store.ts";
import { warningsBeside } from "../report.ts";

/** A file can break a rule in every line. */
const MOST = 20;

export class WarningNews {
  #told: { readonly log: LogView; readonly count: number } | undefined;

  /** What has not been said in this attempt; what a refusal says by itself is left to it. */
  take(phase: Phase, progress: ProgressStore): readonly string[] {
    // Each attempt has a log of its own.
    const from = this.#told?.log === progress.log ? this.#told.count : 0;
    const beside = warningsBeside(phase, progress);
    const news = progress.warnings.slice(from).filter((warning) => beside.includes(warning));
    this.#told = { log: progress.log, count: progress.warnings.length };
    const lines = news.slice(0, MOST).map((warning) => visibleLine(warningWords(warning)));
    if (news.length > MOST) lines.push(`and ${news.length - MOST} more`);
    if (news.some((warning) => ruleWords(warning).length > 0) || news.length > MOST)
      lines.push("warnings lists them with what they mean");
    return lines;
  }
}
