import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Answer, Result, ResultOf } from "../../../src/answers/answers.ts";
import { ProgramConsole } from "../../../src/answers/program-console.ts";
import { ANSWER } from "../../../src/answers/schema/results.ts";
import { Scope } from "../../../src/base/scope.ts";
import { DEFAULT_SETTINGS } from "../../../src/console/settings.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, startDebugging } from "../../support/debugging.ts";
import { strictly } from "../../support/json-schema.ts";

const DOCKERFILE = `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
FROM base AS app
WORKDIR /app
ENV COLOUR=red
COPY note.txt .
RUN echo one > a.txt && printf 'hidden \\033[31mred\\033[0m\\n' && echo two
RUN echo three; echo junk > b.txt; exit 7
`;

const scope = new Scope();
const problemsOf = strictly(ANSWER);
let bench: Debugging;
let own: ProgramConsole;

async function perform(line: string): Promise<Answer> {
  const answer = await own.perform(line, { signal: AbortSignal.timeout(50_000) });
  expect(problemsOf(answer), `${line}: ${JSON.stringify(answer)}`).toEqual([]);
  return answer;
}

/** What a line answers, which must be of that kind. */
async function result<Kind extends Result["kind"]>(line: string, kind: Kind): Promise<ResultOf<Kind>> {
  const answer = await perform(line);
  if (!answer.ok) throw new Error(`${line}: ${JSON.stringify(answer.error)}`);
  expect(answer.result.kind).toBe(kind);
  return answer.result as ResultOf<Kind>;
}

beforeAll(async () => {
  const [engine] = inject("engines");
  if (engine === undefined) throw new Error("no engine");
  const files = { Dockerfile: DOCKERFILE, "note.txt": "a note\n" };
  bench = scope.own(await startDebugging(parseAddress(engine.dockerHost), { files }));
  own = scope.own(
    new ProgramConsole({
      debug: bench.debug,
      request: bench.debug.state.request ?? expect.unreachable(),
      surroundings: { env: {}, cwd: bench.context.path },
      settings: DEFAULT_SETTINGS,
    }),
  );
});

afterAll(() => scope[Symbol.asyncDispose]());

test("each command is answered with data that the schema describes", async () => {
  expect(await result("here", "state")).toMatchObject({ status: "loaded", counts: { done: 0 }, threads: 1 });
  expect(await result("break 8", "breakpoint")).toMatchObject({
    change: "set",
    breakpoint: { number: 1, place: "8", verified: true, line: 8, hits: 0, atEnd: false },
  });
  const stopped = await result("continue", "state");
  expect(stopped).toMatchObject({
    status: "paused",
    why: { kind: "breakpoint", breakpoint: 1 },
    at: { line: 8, stage: "app", instruction: "RUN", where: "before" },
    states: ["base"],
  });
  expect(await result("files /app", "files")).toMatchObject({
    side: "base",
    entries: [{ name: "note.txt", kind: "file", bytes: 7, mode: "rw-r--r--" }],
    omitted: 0,
  });
  const ran = await result("exec /bin/sh -c 'echo $COLOUR; cat note.txt; exit 3'", "program");
  expect(ran).toMatchObject({ exitCode: 3, output: "red\na note\n", omitted: 0 });
  const refused = await perform("cancel");
  expect(refused).toMatchObject({
    ok: false,
    error: { code: "not-now", message: expect.stringMatching(/run/) },
  });
  const next = await result("next", "state");
  expect(next).toMatchObject({ status: "paused", at: { line: 9 } });
  const log = await result("log line 8", "log");
  expect(log.lines.map(({ text }) => text)).toEqual(["hidden red", "two"]);
});
