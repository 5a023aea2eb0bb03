/** What an explanation advises, as it is typed: "rerun", "secret id=token,src=PATH", "--secret id=token,src=PATH". */
import type { NextStep } from "../../src/debugger/explain/explanation.ts";

export function nextWords(step: NextStep): string {
  if (step.kind !== "command") return step.text;
  return step.argument === undefined ? step.command : `${step.command} ${step.argument}`;
}
