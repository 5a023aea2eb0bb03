/** Keys of the graph pane. */

import type { CommandId } from "../../console/command-table.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { Step } from "../../graph/program.ts";
import type { GraphOutlineRow } from "../panes/graph/graph-outline.ts";
import type { View } from "../screen/view.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";

/** Performs the commands of the graph pane. */
export class GraphControl {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  /** False = not a command of this pane. */
  run(command: CommandId, attached: Attached): boolean {
    switch (command) {
      case "graph-input":
      case "graph-consumer":
        this.#follow(command === "graph-input" ? "inputs" : "consumers");
        return true;
      case "graph-op":
        this.#showOp(attached);
        return true;
      default:
        return false;
    }
  }

  /** The nearest step along one edge: what the step is built on, or what is built on it. */
  #follow(way: "inputs" | "consumers"): void {
    const view = this.#app.view();
    const row = rowOf(view);
    if (row === undefined) return;
    const [next] = row.kind === "step" ? row.node[way] : [];
    const cursor = next === undefined ? undefined : view.graph?.outline.rowOfStep.get(next);
    if (cursor !== undefined)
      this.#app.act({ kind: "list", pane: "graph", view: { cursor, centered: false } });
    else if (row.kind === "stage") this.#app.say(`stage ${row.stage} ${row.why}`);
    else
      this.#app.say(
        way === "inputs"
          ? `step ${row.node.step.id + 1} is built on no other step`
          : `no step uses step ${row.node.step.id + 1}`,
      );
  }

  #showOp({ debug }: Attached): void {
    const view = this.#app.view();
    const row = rowOf(view);
    if (row === undefined) return;
    if (row.kind === "stage") {
      this.#app.say(`stage ${row.stage} ${row.why}`);
      return;
    }
    this.showOp(row.node.step, debug);
  }

  /** The LLB of a step. */
  showOp(step: Step, debug: Debugger): void {
    const { program } = this.#app.view().document;
    if (program === undefined) return;
    try {
      const lines = step.vertices.flatMap((digest, index) => {
        const vertex = program.graph.vertices.get(digest);
        if (vertex === undefined) return [];
        const gap = index === 0 ? [] : [""];
        const name = vertex.name === "" ? [] : [vertex.name];
        return [...gap, ...name, digest, ...debug.opText(vertex).split("\n")];
      });
      const title = `LLB of step ${step.id + 1}/${program.steps.length}`;
      this.#app.act({ kind: "overlay", overlay: { kind: "text", title, lines, top: 0 } });
    } catch (error) {
      this.#app.fail(error);
    }
  }
}

function rowOf({ ui, graph }: View): GraphOutlineRow | undefined {
  return graph?.outline.rows[ui.graph.cursor];
}
