import { expect, test } from "vitest";
import { parseOrder } from "../../../../src/debugger/breakpoints/break-order.ts";
import { breakRows } from "../../../../src/tui/panes/breaks/break-list.ts";
import { DebugDriver, REQUEST } from "../../../support/debug-driver.ts";
import { fxProgram } from "../../../support/graphs.ts";

/** "where | when | note" of each row. */
function rows(...places: readonly string[]): readonly string[] {
  const driver = new DebugDriver();
  for (const place of places) {
    const order = parseOrder(place);
    if ("spec" in order) driver.give({ kind: "add-breakpoint", ...order });
  }
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(fxProgram());
  return breakRows(driver.state).map(({ place, when, note }) => `${place} | ${when} | ${note}`);
}

test("rows say the rule, and when and where it is decided", () => {
  expect(
    rows(
      "6 if ENV.CI == 1 hits >= 2",
      "6.1 if exitCode == 0",
      "COPY text {text}",
      "app:end text here",
      "RUN:after if stage == 'app'",
      "first-miss",
      "data:/app/dist changed if stage == 'app'",
      "data:/etc/motd matches /a b/",
    ),
  ).toEqual([
    "Dockerfile:6 if ENV.CI == 1 hits >= 2 | before | ",
    "Dockerfile:6.1 if exitCode == 0 | after | known behind the step",
    "any COPY text {text} | log before | 2 steps",
    "end of stage app text here | log at the end | ",
    "any RUN if stage == 'app' | after | 3 steps",
    "first cache miss | on cache miss | known behind the step",
    "a step that changed /app/dist if stage == 'app' | after | 8 steps",
    "a step that made, changed or removed /etc/motd so that it has /a b/ | after | 8 steps",
  ]);
});
