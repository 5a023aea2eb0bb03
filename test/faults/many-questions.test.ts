/** The files of wide trees, asked for a thousand times while a step runs: docs/adr/0020. */
import { describe, expect, inject, test } from "vitest";
import type { StepId } from "../../src/graph/program.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { type Debugging, give, startDebugging } from "../support/debugging.ts";
import { OwnEngine } from "../support/own-engine.ts";

const newest = inject("privateSuite");
const { signal } = new AbortController();

const WIDE = 12;
/** As 45-many-directories of the cases, with fewer directories. */
const FILES = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN for i in $(seq ${WIDE}); do mkdir -p /d$i/a/b /d$i/e; echo x > /d$i/a/x; done
RUN for i in $(seq ${WIDE}); do echo y > /d$i/a/y; done
RUN sleep 1000
`;
const CHANGED = 3 as StepId;
const ADDED = Array.from({ length: WIDE }, (_, i) => `added /d${i + 1}/a/y`).sort();
const QUESTIONS = 1000;
const TOGETHER = 20;

const engines = [
  { name: "the newest Docker with a graph driver", suite: newest, features: {} },
  {
    name: "the newest Docker with containerd's store",
    suite: newest,
    features: { "containerd-snapshotter": true },
  },
  { name: "Docker 20.10", suite: "bookworm", features: {} },
];

// Engines that were given from outside are not ours to put at risk.
describe.runIf(newest !== undefined).each(engines)("$name", ({ suite, features }) => {
  test("answers a thousand questions about two states while a step runs, each rightly", async () => {
    await using own = await OwnEngine.start(suite, { daemonJson: { features } });
    await using bench = await startDebugging(parseAddress(own.engine.dockerHost), {
      files: { Dockerfile: FILES },
      unique: true,
    });
    const { debug } = bench;
    for (let step = 0; step < 4; step++) await give(debug, "next");
    debug.dispatch({ kind: "next" });
    const wrong: string[] = [];
    let asked = 0;
    const ask = async (): Promise<void> => {
      while (asked < QUESTIONS) {
        const at = asked++;
        const side = at % 2 === 0 ? "after" : "base";
        const path = `/d${(at % WIDE) + 1}/a`;
        const expected = side === "after" ? "b x y" : "b x";
        const names = await debug
          .files(CHANGED, side, { path, signal })
          .then((entries) => entries.map(({ name }) => name).join(" "))
          .catch(String);
        if (names !== expected) wrong.push(`${path} of ${side}: ${names}`);
      }
    };
    const walk = async (): Promise<void> => {
      while (asked < QUESTIONS) wrong.push(...(await walked(bench)));
    };
    await Promise.all([...Array.from({ length: TOGETHER }, ask), walk()]);
    expect(wrong).toEqual([]);
    expect(debug.state.phase.kind).toBe("running");
    await own.daemonPid();
    debug.dispatch({ kind: "cancel" });
    await debug.rest();
  });
});

/** What is wrong in what the walk found. */
async function walked({ debug }: Debugging): Promise<readonly string[]> {
  const { changes, problems } = await debug.changes(CHANGED, "after", { signal });
  const added = changes
    .filter(({ after }) => after?.kind !== "directory")
    .map(({ kind, path }) => `${kind} ${path}`);
  return JSON.stringify(added.sort()) === JSON.stringify(ADDED) ? problems : [...problems, ...added];
}
