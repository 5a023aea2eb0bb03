/** Inputs that people reported elsewhere: what docker makes of them, seen through a debugger. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";

async function debugCase(
  { dockerHost, kind }: TestEngine,
  name: string,
  request: Partial<BuildRequest> = {},
): Promise<Debugging> {
  const fixture = fileURLToPath(new URL(`../../fixtures/cases/${name}`, import.meta.url));
  return await startDebugging(parseAddress(dockerHost, kind), { fixture }, { noCache: true, ...request });
}

/** What all steps have printed. */
function printed({ progress }: Debugger): readonly string[] {
  const { log } = progress;
  return Array.from({ length: log.end - log.first }, (_, at) => log.line(log.first + at)?.text ?? "");
}

/** E.g. "755 1000:1000 made". */
async function owners(
  debug: Debugger,
  step: number,
  side: StateSide,
  path: string,
): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const entries = await debug.files((step - 1) as StepId, side, { path, signal });
  return entries.map(({ mode, uid, gid, name }) => `${mode.toString(8)} ${uid}:${gid} ${name}`).sort();
}

const ENVIRONMENT = { WITH: "", NONE: "from-env" };
/** Options, the client's environment, and what docker's client makes of them. */
const ARGUMENTS = [
  [[], {}, "WITH=default NONE=unset EMPTY=", ["EMPTY=", "WITH=default"]],
  [["WITH", "NONE"], {}, "WITH=default NONE=unset EMPTY=", ["EMPTY=", "WITH=default"]],
  [["WITH=", "NONE="], {}, "WITH= NONE= EMPTY=", ["EMPTY=", "NONE=", "WITH="]],
  [["WITH", "NONE"], ENVIRONMENT, "WITH= NONE=from-env EMPTY=", ["EMPTY=", "NONE=from-env", "WITH="]],
  [["NOBODY=x"], ENVIRONMENT, "WITH=default NONE=unset EMPTY=", ["EMPTY=", "WITH=default"]],
  [
    ["WITH= a=b, \"c\" 'd' $e\\n"],
    {},
    "WITH= a=b, \"c\" 'd' $e\\n NONE=unset EMPTY=",
    ["EMPTY=", "WITH= a=b, \"c\" 'd' $e\\n"],
  ],
  [["WITH=1", "WITH=2"], {}, "WITH=2 NONE=unset EMPTY=", ["EMPTY=", "WITH=2"]],
] as const;

forEachEngine((engine) => {
  test.each(ARGUMENTS)(
    "11 · build arguments %j with %j in the environment",
    async (given, env, line, variables) => {
      const options = given.flatMap((text) => ["--build-arg", text]);
      const asked = parseArguments([...options, "."], { env, cwd: "/" });
      if (asked.kind !== "debug") throw new Error(asked.kind);
      await using bench = await debugCase(engine, "11-build-arg-empty", {
        buildArgs: asked.options.build.buildArgs,
      });
      expect(await give(bench.debug, "continue")).toBe("finished");
      expect(printed(bench.debug)).toEqual([line, ...variables]);
    },
  );

  test("14 · lines of a heredoc belong to their instruction, whatever they look like", async () => {
    await using bench = await debugCase(engine, "14-heredoc-mix");
    const { debug } = bench;
    // BuildKit 0.8 has no heredocs: the file is refused, as by docker.
    if (where(debug.state) === "broken") return;
    for (const line of [5, 11, 17, 23]) {
      debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(line) } });
    }
    const lines = debug.state.breakpoints.map(({ bound }) =>
      "line" in bound ? Number(bound.line) : bound.kind,
    );
    expect(lines).toEqual([3, 8, 15, 20]);
    for (const line of [3, 8, 15, 20])
      expect(await give(debug, "continue")).toBe(`before ${line} breakpoint`);
    expect(await outputIn(debug, 2, "after", "cat /in/*")).toBe('one\nthree $COLOUR "q"\ntwo red "q"\n');
    const written =
      "cat <<INNER\n# not a comment of the Dockerfile\nFROM nowhere\nRUN echo not a step\nINNER\n";
    expect(await outputIn(debug, 4, "after", "cat /script /log")).toBe(
      `${written}first red\nsecond $COLOUR\n`,
    );
    expect(await give(debug, "continue")).toBe("before 20 exception");
    expect(printed(debug)).toContain("shebang: /dev/pipes/EOF");
  });

  test("22 · variables in mounts, a bind mount that is written to, mounts below mounts", async () => {
    await using bench = await debugCase(engine, "22-mount-mix");
    const { debug } = bench;
    expect(await give(debug, "continue")).toBe("before 7 exception");
    if (!engine.keepsFailedState) {
      // BuildKit 0.8 leaves variables in a mount's target as they are.
      expect(printed(debug)).toEqual(["touch: cache/c: No such file or directory"]);
      return;
    }
    expect(printed(debug)).toContain("711");
    const look = "pwd; ls -d new cache/c file.txt /scratch/s /opt/tools/t /real 2>/dev/null";
    const step = programOf(debug.state)?.steps.find(({ start }) => start === 7);
    const id = (step?.id ?? 0) + 1;
    // What is written to a bind or memory mount is gone after the step; a cache keeps it.
    expect(await outputIn(debug, id, "base", look)).toBe("/work\n/opt/tools/t\ncache/c\nfile.txt\n");
    expect(await outputIn(debug, id, "failed", look)).toBe(
      "/work\n/opt/tools/t\n/real\ncache/c\nfile.txt\nnew\n",
    );
  });

  test("34 · owners of a WORKDIR and of what is copied into it", async () => {
    await using bench = await debugCase(engine, "34-workdir-user");
    const { debug } = bench;
    expect(await give(debug, "continue")).toBe("before 7 exception");
    expect(await owners(debug, 3, "after", "/srv")).toEqual(["755 1000:1000 site"]);
    const owned = ["644 0:0 a.txt", "644 1000:1000 made"];
    expect(await owners(debug, 6, "base", "/srv/site")).toEqual(owned);
    const look = "id -u; stat -c '%a %u:%g %n' *; echo more 2>/dev/null >> a.txt || echo refused";
    expect(await outputIn(debug, 6, "base", look)).toBe(`1000\n${owned.join("\n")}\nrefused\n`);
  });
});
