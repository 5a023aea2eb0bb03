/** What the user would have had to give or to allow, in words. It can be given while the build stands. */
import { unreachable } from "../../base/errors.ts";
import type { Reason } from "../failures/reasons.ts";
import type { BuildInputOption } from "../remedies.ts";
import type { NextStep, ReasonWords } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";

export type MissingInput = Extract<Reason, { kind: "secret" | "ssh" | "entitlement" }>;

/** @param step undefined when the whole build was refused */
export function missingInputWords(
  reason: MissingInput,
  facts: Pick<StepFacts, "step"> | undefined,
): ReasonWords {
  const next = missingInputNext(reason);
  switch (reason.kind) {
    case "secret": {
      const missing = reason.text === "not found";
      return {
        what: `secret "${reason.id}" ${missing ? "was not given" : `could not be given: ${reason.text}`}`,
        why: ["Values are read when the engine asks, and kept nowhere."],
        next,
        began: false,
      };
    }
    case "ssh":
      return {
        what: `ssh agent "${reason.id === "" ? "default" : reason.id}" was not given`,
        why: ["The step asks for an agent that holds the keys; the keys themselves stay here."],
        next,
        began: false,
      };
    case "entitlement":
      return entitlementWords(reason, facts, next);
    default:
      return unreachable(reason);
  }
}

export function missingInputNext(reason: MissingInput): readonly NextStep[] {
  const rerun: NextStep = { kind: "command", command: "rerun", label: "rerun, with it" };
  const both = (command: BuildInputOption, argument: string): readonly NextStep[] => [
    { kind: "command", command, argument, label: "gives it now, then rerun" },
    rerun,
    { kind: "option", text: `--${command} ${argument}`, label: "gives it at the start" },
  ];
  switch (reason.kind) {
    case "secret":
      return both("secret", `id=${reason.id},src=PATH`);
    case "ssh":
      return both("ssh", reason.id === "" || reason.id === "default" ? "default" : `${reason.id}=SOCKET`);
    case "entitlement":
      return reason.refusedBy === "build" ? both("allow", reason.name) : [];
    default:
      return unreachable(reason);
  }
}

function entitlementWords(
  { name, refusedBy }: Extract<MissingInput, { kind: "entitlement" }>,
  facts: Pick<StepFacts, "step"> | undefined,
  next: readonly NextStep[],
): ReasonWords {
  const flag =
    name === "network.host" ? "--network=host" : name === "security.insecure" ? "--security=insecure" : name;
  if (refusedBy === "build") {
    const subject = facts === undefined ? flag : subjectOf(facts.step.instruction, flag, name);
    return {
      what: `${subject} was not allowed for this build`,
      why: [
        `It breaks out of the sandbox, so it must be allowed by name (${name}), by you and by the engine.`,
      ],
      next,
      began: false,
    };
  }
  return {
    what: `the engine does not allow ${name}`,
    why: [
      `dockerd: "builder": {"entitlements": {"${name.replace(".", "-")}": true}} in its daemon.json`,
      `buildkitd: insecure-entitlements = ["${name}"] in its buildkitd.toml`,
    ],
    next,
    began: false,
  };
}

/** An instruction has a flag for it, an op of another definition has none. */
function subjectOf(instruction: string, flag: string, name: string): string {
  return instruction === "RUN" ? `${instruction} ${flag}` : `${instruction} with ${name}`;
}
