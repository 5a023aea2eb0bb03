import { expect, test } from "vitest";
import { lineOf } from "../../../../src/graph/graph.ts";
import { graphLines } from "../../../../src/plain/lines/graph-lines.ts";
import { REQUEST } from "../../../support/debug-driver.ts";
import { fxProgram } from "../../../support/graphs.ts";
import { HandDebugger } from "../../../support/screen-fixture.ts";

test("the graph in lines: stages, marks, what feeds a step, what can run, breakpoints", async () => {
  await using debug = new HandDebugger();
  const lines = (): readonly string[] => graphLines(debug.state, debug.progress);
  expect(lines()).toEqual(["nothing is loaded"]);
  debug.apply({ kind: "launch", request: REQUEST, stopOnEntry: true });
  debug.apply({ kind: "opened", token: debug.state.token, program: fxProgram() });
  debug.apply({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(9) } });
  debug.apply({ kind: "add-breakpoint", spec: { kind: "stage-end", stage: "lib" } });
  debug.apply({ kind: "run-to", line: lineOf(5) });
  debug.apply({ kind: "solved", token: debug.state.token });
  expect(lines()).toEqual([
    "stage base from scratch",
    "     1/8 cached           ADD busybox /bin/busybox; from context .",
    '     2/8 cached           RUN ["/bin/busybox","--install","-s","/bin"]',
    "stage lib from base",
    ">    3/8 next               WORKDIR /src; from base",
    "     4/8 waiting            RUN echo one > a.txt; breakpoint 2 at the end",
    "stage app from base",
    "     5/8 waiting            WORKDIR /app; from base; can run now",
    "     6/8 waiting            COPY --from=lib /src/a.txt .; from lib, app; breakpoint 1",
    "     7/8 waiting            RUN echo two >> a.txt && echo junk > b.txt && false",
    "     8/8 waiting            COPY Dockerfile .; from context .",
  ]);
});
