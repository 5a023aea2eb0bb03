/** The Files pane on the whole screen, over states that the test wrote down. */
import { expect, test, vi } from "vitest";
import { BktuiError } from "../../../src/base/errors.ts";
import { added, changed, removed } from "../../support/changes.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { FX_TEXT, fxProgram } from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";

/** Stopped at the RUN that wrote a.txt and b.txt and failed. */
function failed(columns = 80, rows = 24): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT, { columns, rows });
  screen.launch();
  screen.opened(fxProgram()).type("c");
  screen.answer({
    kind: "solve-failed",
    token: screen.token,
    failure: failureOf("two"),
    completed: ["add", "install", "src", "one", "dir", "copy"],
  });
  const { hand: states } = screen.debug;
  states.changes = [
    removed("/.env", 61),
    changed("/app/a.txt", { size: 4 }, { size: 8 }),
    added("/app/b.txt", 5),
    added("/dist/"),
    added("/dist/a/"),
    added("/dist/a/x.js", 1000),
    added("/dist/y.js", 200),
  ];
  states.texts.set("base /app/a.txt", "one\n").set("failed /app/a.txt", "one\ntwo\n");
  states.put("failed", "/app/", "/app/a.txt", "/app/b.txt", "/dist/", "/etc");
  states.put("base", "/app/", "/app/a.txt", "/.env");
  return screen;
}

/** Waits until the screen, without what is behind its rows, matches. */
async function until(screen: ScreenFixture, pattern: RegExp): Promise<void> {
  await vi.waitFor(() => expect(screen.rows().join("\n")).toMatch(pattern));
}

test("d shows what the failed step changed, Enter the difference, Esc closes that first", async () => {
  await using screen = failed();
  screen.type("d");
  expect(screen.rows().join("\n")).toMatch(
    /\[ 5 Files \].* BASE → FAILED ─\nreading what step 7\/8 changed …/,
  );
  await until(screen, /^FILES changed by step 7\/8 \(BASE → FAILED\) +\+3 {2}~1 {2}-1 +1\.2 kB$/m);
  expect(screen.rows().join("\n")).toContain(
    [
      "> - .env                                             61 B",
      "  ~ app/a.txt                                        4 B → 8 B",
      "  + app/b.txt                                        5 B",
      "  + dist/                                            2 files     1.2 kB",
    ].join("\n"),
  );
  screen.type("j\r");
  await until(screen, /^── diff app\/a\.txt ─+ BASE → FAILED ──\n {2}1 1 {2}one\n\+ {3}2 {2}two$/m);
  screen.type("\u001b");
  expect(screen.rows().join("\n")).not.toContain("── diff");
  expect(screen.controller.ui.focus).toBe("files");
  screen.type("\u001b");
  expect(screen.controller.ui.focus).toBe("source");
});

test("directories fold at their own row and from within, the other order keeps the selection", async () => {
  await using screen = failed();
  screen.type("d");
  await until(screen, /^ {2}\+ dist\//m);
  screen.type("G\r");
  await until(screen, /^> \+ dist\/.*\n {2}\+ {3}a\/x\.js .*\n {2}\+ {3}y\.js /m);
  screen.type("jS");
  await until(screen, /^ {2}\+ dist\/[\s\S]*^> \+ {3}a\/x\.js/m);
  screen.type("h");
  await until(screen, /^> \+ dist\//m);
  screen.type("j ");
  await until(screen, /^> \+ dist\/.*2 files/m);
  expect(screen.rows().join("\n")).not.toContain("y.js");
});

test("a lists everything in the state that is looked at, x the other one; only what is open is read", async () => {
  await using screen = failed();
  screen.type("d");
  await until(screen, /^ {2}~ app\/a\.txt/m);
  screen.type("ja");
  await until(
    screen,
    /^FILES of FAILED at step 7\/8\n {2}~ rwxr-xr-x app\/\n> ~ rw-r--r-- {3}a\.txt .*\n {2}\+ rw-r--r-- {3}b\.txt .*\n {2}\+ rwxr-xr-x dist\/\n {4}rw-r--r-- etc/m,
  );
  expect(screen.debug.hand.asked).not.toContain("files failed /dist");
  screen.type("x");
  await until(screen, /^FILES of BASE at step 7\/8\n {2}~ rwxr-xr-x app\/\n> ~ rw-r--r-- {3}a\.txt/m);
  screen.type("\r");
  await until(screen, /^── file app\/a\.txt ─+ BASE ──\n {2}1 {2}one$/m);
});

test("what was read is kept for the step, and a new stop ends the reading", async () => {
  await using screen = failed();
  const { hand: states } = screen.debug;
  screen.type("d");
  await until(screen, /^ {2}~ app\/a\.txt/m);
  screen.type("1d5");
  expect(states.asked.filter((question) => question === "changes failed")).toHaveLength(1);
  states.held = new Promise(() => undefined);
  screen.type("j\r");
  await until(screen, /^ {2}reading …$/m);
  // Keys work all the while, and reading the next file ends the reading of this one.
  screen.type("kj");
  expect(screen.rows().join("\n")).toMatch(/^> ~ app\/a\.txt/m);
  await vi.waitFor(() => expect(states.asked).toContain("cancelled read base /app/a.txt"));
  states.asked.length = 0;
  screen.type("r");
  screen.opened(fxProgram());
  await vi.waitFor(() => expect(states.asked).toContain("cancelled read base /app/a.txt"));
});

test("what the engine refuses stands in the pane with what works instead, and is asked for again", async () => {
  await using screen = failed();
  const { hand: states } = screen.debug;
  states.changes = new BktuiError("not-now", "FAILED cannot be read here", { hint: "Look elsewhere." });
  screen.type("d");
  await until(
    screen,
    /^✗ FAILED cannot be read here\nLook elsewhere\.\n\n {2}! {2}shell on FAILED +x {2}switch to BASE$/m,
  );
  screen.type("x");
  await until(screen, /a {2}all files of BASE$/m);
  states.changes = [added("/late", 1)];
  screen.type("1d");
  await until(screen, /^> \+ late /m);
});

test("before a step runs there is nothing to compare, and its BASE can be listed", async () => {
  await using screen = new ScreenFixture(FX_TEXT, { columns: 80, rows: 24 });
  screen.launch();
  screen.opened(fxProgram()).type("n").solved(["add"]);
  screen.debug.hand.put("base", "/bin/");
  screen.type("d");
  await until(screen, /^step 2\/8 has not run: it has changed nothing yet\n\n {2}a {2}all files of BASE$/m);
  screen.type("a");
  await until(screen, /^FILES of BASE at step 2\/8\n> {3}rwxr-xr-x bin\/$/m);
});

test("y copies the path, / finds a name, w asks for a name beside which nothing hostile is proposed", async () => {
  await using screen = failed();
  screen.debug.hand.changes = [added("/app/b.txt", 5), added("/x/~a\u001b[31m\nb", 5)];
  screen.type("d");
  await until(screen, /^> \+ app\/b\.txt/m);
  screen.type("y");
  expect(screen.done).toContain("copy /app/b.txt");
  screen.type("/31m\r");
  await until(screen, /^> \+ x\/~a␛\[31m␊b/m);
  screen.type("w");
  await until(screen, /write a copy to: _a_\[31m_b$/m);
});

test.each([
  [40, 10, /^(FILES )?step 7\/8 +\+3 {2}~1 {2}-1 +1\.2 kB$/m],
  [20, 5, /FAILED/],
  [200, 60, /^FILES changed by step 7\/8 \(BASE → FAILED\)/m],
])("any size shows what fits (%ix%i)", async (columns, rows, pattern) => {
  await using screen = failed(columns, rows);
  screen.type("d");
  await until(screen, pattern);
  for (const keys of ["j\r", "z", "a", "x", "G"]) expect(screen.type(keys).rows()).toHaveLength(rows);
});
