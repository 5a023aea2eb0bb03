/** What of the Debug Adapter Protocol is answered, with the tests of each: docs/dap-protocol.md (`npm run dap-table`). */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CAPABILITIES } from "../src/dap/capabilities.ts";
import { ARGUMENTS, type RequestName } from "../src/dap/requests/arguments.ts";
import { REFUSED } from "../src/dap/requests/table.ts";
import { CAPABILITY_FIELDS } from "../test/support/dap-schema.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
export const TABLE_FILE = join(root, "docs/dap-protocol.md");

type Answered = Exclude<RequestName, keyof typeof REFUSED>;

const DOES: Readonly<Record<Answered, string>> = {
  initialize: "takes what the client can do; once",
  launch: "finds the engine, prepares the build; once",
  attach: "joins a build that waits for clients",
  configurationDone: "begins the build",
  restart: "runs it again, with files that were edited, and with another launch body when one is given",
  disconnect: "leaves; ends a build that was launched, unless `terminateDebuggee` is false",
  terminate: "ends the build",
  cancel: "gives up a request that is under way; of a progress, pauses",
  breakpointLocations: "the steps of a range of lines",
  setBreakpoints: "lines, with condition, hit count, log text and mode; why one is none, and where it moved",
  setFunctionBreakpoints: "stages, and places as typed in the console",
  setExceptionBreakpoints: "which failures stop, with a condition",
  dataBreakpointInfo: "whether a path can be watched",
  setDataBreakpoints: "paths: stops behind the step that makes, changes or removes one",
  setInstructionBreakpoints: "operations by their address",
  continue: "to the next stop",
  next: "to the next step",
  stepIn: "into the stage that the step needs, or a chosen one",
  stepOut: "to the step that waits for this stage",
  stepBack: "to the step before; nothing runs",
  reverseContinue: "to the nearest place before where a breakpoint stops, else to the first step",
  restartFrame: "runs the build again and stops at the same step",
  goto: "to a step: back to one that has run, else on to it",
  pause: "before the next step",
  stackTrace: "the step, and the steps that wait for its stage",
  scopes: "of a step: arguments, environment, mounts, image, files",
  variables: "in pages, typed, as text or in hexadecimal",
  setVariable: "a build argument, for the next run",
  source: "texts that are no file of this machine",
  threads: "one for each platform or target",
  modules: "images and contexts, with digests",
  loadedSources: "the texts that the build is made of",
  evaluate: "console commands, programs in the step's state, values, paths",
  setExpression: "as `setVariable`",
  stepInTargets: "the stages that a step needs",
  gotoTargets: "the steps of a line",
  completions: "commands, names, paths",
  exceptionInfo: "what failed, why, its last lines, and what to do",
  readMemory: "the bytes of a file of a state",
  disassemble: "the operations of the build around one",
  locations: "the line that a value was set at",
};

/** Names of what a file of tests says that it covers. */
function coveredBy(text: string): readonly string[] {
  return [...text.matchAll(/^covers\(([\s\S]*?)\);$/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/"([A-Za-z]+)"/g)].flatMap(([, name]) => name ?? []),
  );
}

/** Test files by what they cover, relative to the repository. */
export function testsByName(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const entry of readdirSync(join(root, "test"), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".test.ts")) continue;
    const path = join(entry.parentPath, entry.name);
    for (const name of coveredBy(readFileSync(path, "utf8"))) {
      const file = relative(root, path);
      const files = found.get(name) ?? [];
      if (!files.includes(file)) found.set(name, [...files, file].sort());
    }
  }
  return found;
}

/** Refused, and told by no capability. */
export function isRefused(name: RequestName): name is keyof typeof REFUSED {
  return Object.hasOwn(REFUSED, name);
}

export function isTrue(field: string): boolean {
  const value: unknown = Object.entries(CAPABILITIES).find(([name]) => name === field)?.[1];
  return value !== undefined && value !== false;
}

function shownValue(field: string): string {
  const value: unknown = Object.entries(CAPABILITIES).find(([name]) => name === field)?.[1];
  if (value === undefined || typeof value === "boolean") return value === true ? "**true**" : "false";
  if (!Array.isArray(value)) return `\`${JSON.stringify(value)}\``;
  return value.map((each: unknown) => `\`${nameOf(each)}\``).join(" ");
}

/** Of a mode, a filter, a column, or a text. */
function nameOf(item: unknown): string {
  if (typeof item !== "object" || item === null) return String(item);
  const [first] = Object.values(item);
  return String(first);
}

function links(files: readonly string[] | undefined): string {
  return (files ?? [])
    .map((file) => `[${file.replace(/^test\//, "").replace(/\.test\.ts$/, "")}](../${file})`)
    .join(" ");
}

/** The whole file as text. */
export function tableText(): string {
  const tests = testsByName();
  const requests = Object.keys(ARGUMENTS) as RequestName[];
  const trueCount = CAPABILITY_FIELDS.filter(isTrue).length;
  const rows = requests.map((name) => {
    const does = isRefused(name) ? `refused: "${REFUSED[name]}"` : DOES[name];
    return `| \`${name}\` | ${does} | ${links(tests.get(name))} |`;
  });
  const fields = CAPABILITY_FIELDS.map(
    (name) => `| \`${name}\` | ${shownValue(name)} | ${links(tests.get(name))} |`,
  );
  return `# bktui for editors: the Debug Adapter Protocol

Made by \`npm run dap-table\` from the code. How editors are set up, and what one sees of a build: [how-to/dap.md](how-to/dap.md). Types and names are those of version 1.68 of the
[protocol](https://microsoft.github.io/debug-adapter-protocol/specification). Every message that a test receives is held against schemas made from these types.

## The ${requests.length} requests

Each gets one answer wherever a session stands, before \`initialize\` and behind the end, with good and with wrong arguments:
[every-request](../test/e2e/dap/every-request.test.ts), and ten thousand random sequences of them: [dap-fuzz](../test/faults/dap-fuzz.test.ts).

| request | what it does | shown by |
| --- | --- | --- |
${rows.join("\n")}

\`runInTerminal\` and \`startDebugging\` are asked of clients that can do them.

## The ${CAPABILITY_FIELDS.length} capabilities

${trueCount} of them hold. What is false here has no meaning for a build, or its request is refused in words.

| capability | | shown by |
| --- | --- | --- |
${fields.join("\n")}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TABLE_FILE, tableText());
