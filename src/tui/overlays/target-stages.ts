/** The lines of the menu of target stages. Pure. */
import type { StepView, stepViews } from "../../debugger/state/inspect.ts";
import type { Stage, StepId } from "../../graph/program.ts";

/** A stage as it stands in a file; `steps` and `usedBy` are only known of one that was loaded. */
export type ListedStage = Pick<Stage, "name" | "from"> & Partial<Pick<Stage, "steps" | "usedBy">>;

/** What can be chosen; the value "" is the last stage of a file that gives it no name. */
export function targetItems(
  stages: readonly (ListedStage & Pick<Stage, "isNamed">)[],
  views: ReturnType<typeof stepViews>,
): readonly { readonly label: string; readonly value: string }[] {
  const lines = stageLines(stages, views);
  return stages.flatMap(({ name, isNamed }, index) => {
    const isLast = index === stages.length - 1;
    return isNamed || isLast ? [{ label: lines[index] ?? name, value: isNamed ? name : "" }] : [];
  });
}

/** Name, origin, steps, users and how far it is, in columns. */
export function stageLines(
  stages: readonly ListedStage[],
  views: ReturnType<typeof stepViews>,
): readonly string[] {
  const viewById = new Map(views.map((view) => [view.step.id, view]));
  const rows = stages.map((stage, index) => [
    stage.name,
    `from ${stage.from}`,
    stepsWord(stage),
    usersWord(stage, index === stages.length - 1),
    standWord(stage.steps ?? [], viewById),
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (widths[column] === 0 ? "" : `${cell.padEnd(widths[column] ?? 0)}  `))
      .join("")
      .trimEnd(),
  );
}

function stepsWord({ steps }: ListedStage): string {
  if (steps === undefined) return "";
  return steps.length === 1 ? "1 step" : `${steps.length} steps`;
}

function usersWord({ usedBy = [] }: ListedStage, isLast: boolean): string {
  const users = usedBy.length === 0 ? [] : [`used by ${usedBy.join(", ")}`];
  return [...users, ...(isLast ? ["last: the default"] : [])].join(", ");
}

function standWord(ids: readonly StepId[], viewById: ReadonlyMap<StepId, StepView>): string {
  const views = ids.flatMap((id) => viewById.get(id) ?? []);
  if (views.length === 0) return "";
  if (views.some(({ status }) => status === "failed")) return "failed";
  if (views.some(({ status }) => status === "running")) return "running";
  const count = (wanted: StepView["status"]): number =>
    views.filter(({ status }) => status === wanted).length;
  const done = count("done") + count("cached");
  if (done === 0) return "not run";
  if (done < views.length) return `${done} of ${views.length} done`;
  return count("cached") === views.length ? "cached" : "done";
}
