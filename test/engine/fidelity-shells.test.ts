/** What a program in a shell sees, under the script that keeps its container, is what the step saw; in a further shell, too. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Scope } from "../../src/base/scope.ts";
import { openShell } from "../../src/debugger/shells/open-shell.ts";
import type { OpenedShell } from "../../src/debugger/shells/shared-container.ts";
import { programOf } from "../../src/debugger/state/inspect.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { give, startDebugging } from "../support/debugging.ts";
import { forEachEngine } from "../support/engines.ts";
import { fixture, Report } from "../support/probe.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["root", "RUN /bin/probe"],
  [
    "a user with groups, a directory and variables",
    `USER 1000:1000\nWORKDIR "/srv/a dir"\nENV QUOTED="it's \\"so\\""\nRUN /bin/probe`,
  ],
  [
    "mounts",
    "RUN --mount=type=cache,target=/cache,id=fidelity-script --mount=type=tmpfs,target=/scratch /bin/probe",
  ],
];

/**
 * A process below a shell is not the first of its container, and every shell gives it these variables. busybox ash 1.35
 * ignores QUIT itself: a program that `sh -c` becomes inherits that, one that a shell starts does not.
 */
function comparable(report: string): string {
  return report
    .replace(/^\[command\]\n[\s\S]*?^(?=\[)/m, "")
    .replace(/^SigIgn\t.*\n/m, "")
    .replace(/^(PWD|OLDPWD|SHLVL|_)=.*\n/gm, "");
}

/**
 * The first process of a container has its own group among the others as well (dockerd 28.5), a further one has not
 * (`Exec` of BuildKit's runc executor). That gives or takes no permission.
 */
function withoutOwnGroup(report: string): string {
  const [, own = ""] = /^Gid\t(\d+)/m.exec(report) ?? [];
  return report
    .replace(/^Groups\t.*$/m, (row) =>
      row
        .split(/\s+/)
        .filter((group) => group !== own)
        .join(" ")
        .trim(),
    )
    .replace(/^(uid=.*) groups=(.*)$/m, (_, ids: string, groups: string) => {
      const others = groups.split(",").filter((group) => !group.startsWith(`${own}(`));
      return others.length === 0 ? ids : `${ids} groups=${others.join(",")}`;
    });
}

async function reportIn(shell: OpenedShell, signal: AbortSignal): Promise<string> {
  const report = new Report();
  shell.onData((chunk) => report.add(chunk));
  shell.process.write(Buffer.from("/bin/probe\n"));
  return comparable(await report.whole(signal));
}

forEachEngine(({ dockerHost, keepsFailedState }) => {
  test.each(CASES)("%s", async (name, dockerfile) => {
    await using scope = new Scope();
    const signal = AbortSignal.timeout(50_000);
    const Dockerfile = `${await readFile(join(fixture, "Dockerfile"), "utf8")}${dockerfile}\n`;
    const debugging = scope.own(
      await startDebugging(parseAddress(dockerHost), {
        fixture,
        files: { Dockerfile, case: `script ${name}` },
      }),
    );
    const { debug, events } = debugging;
    expect(await give(debug, "continue")).toMatch(/exception$/);
    const log = new Report();
    for (const event of events) if (event.kind === "log") log.add(event.data);
    const step = comparable(await log.whole(signal));
    const last = programOf(debug.state)?.steps.at(-1);
    if (last === undefined) throw new Error("there is no step");
    for (const side of keepsFailedState ? (["base", "failed"] as const) : (["base"] as const)) {
      const wish = { step: last, side, steps: 9, talk: { kind: "lines" } } as const;
      const first = await openShell(debug, wish, { signal });
      await using _ = first.container;
      expect(await reportIn(first, signal), side).toBe(step);
      const further = await first.shared?.another(wish.talk);
      const report = further && (await reportIn(further, signal));
      expect(withoutOwnGroup(report ?? ""), `${side}, further`).toBe(withoutOwnGroup(step));
    }
  });
});
