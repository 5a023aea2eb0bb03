import { expect, test } from "vitest";
import type { CacheUse } from "../../../../src/debugger/cache-use.ts";
import { CauseLooks } from "../../../../src/debugger/shells/cause-looks.ts";
import { DebugDriver } from "../../../support/debug-driver.ts";
import { fxProgram } from "../../../support/graphs.ts";

const { signal } = new AbortController();
const { state } = DebugDriver.launched(fxProgram());
const PLACE = { state, held: [], signal };

function cache(id: string, sharing: CacheUse["sharing"] = "private"): CacheUse {
  return { id, sharing };
}

/** Looks until it is told to stop, and says so. */
function patient(
  done: string[],
  name: string,
): (options: { readonly signal: AbortSignal }) => Promise<string> {
  return async (options) => {
    done.push(`${name} begins`);
    await new Promise<void>((resolve) => {
      options.signal.addEventListener("abort", () => resolve());
    });
    done.push(`${name} ends`);
    return name;
  };
}

test("whoever opens a container with the cache of a look begins when that has ended", async () => {
  const looks = new CauseLooks();
  const done: string[] = [];
  const look = looks.look([cache("a")], PLACE, patient(done, "look"));
  await looks.open([cache("b")], async () => void done.push("other"));
  await looks.open([cache("a")], async () => void done.push("shell"));
  expect(done).toEqual(["look begins", "other", "look ends", "shell"]);
  expect(await look).toBe("look");
});

test("a run ends every look that has a cache, and no other", async () => {
  const looks = new CauseLooks();
  const done: string[] = [];
  const bare = new AbortController();
  const other = looks.look([], { ...PLACE, signal: bare.signal }, patient(done, "bare"));
  const look = looks.look([cache("a", "shared")], PLACE, patient(done, "look"));
  await expect.poll(() => done).toHaveLength(2);
  await looks.end();
  await look;
  expect(done).toEqual(["bare begins", "look begins", "look ends"]);
  bare.abort();
  await other;
});

test("looks with a cache in common come one after the other; one that waits ends with a run too", async () => {
  const looks = new CauseLooks();
  const done: string[] = [];
  const first = new AbortController();
  const one = looks.look([cache("a")], { ...PLACE, signal: first.signal }, patient(done, "one"));
  const two = looks.look([cache("a")], PLACE, patient(done, "two"));
  const three = looks.look([cache("a")], PLACE, patient(done, "three"));
  const refused = expect(three).rejects.toMatchObject({ code: "cancelled" });
  await Promise.resolve();
  expect(done).toEqual(["one begins"]);
  first.abort();
  await one;
  await looks.end();
  await two.catch(() => undefined);
  await refused;
  expect(done.slice(0, 2)).toEqual(["one begins", "one ends"]);
  expect(done).not.toContain("three begins");
});

test("no look takes a cache that a container has or is about to have, nor any while a build runs", async () => {
  const looks = new CauseLooks();
  const never = async (): Promise<string> => "seen";
  const use = [cache("a")];
  const refusal = { code: "not-now" };
  await expect(looks.look(use, { ...PLACE, held: [cache("a")] }, never)).rejects.toMatchObject(refusal);
  const opened = looks.open(use, async () => {
    await expect(looks.look(use, PLACE, never)).rejects.toMatchObject(refusal);
  });
  await opened;
  const { state: running } = DebugDriver.launched(fxProgram(), { run: true });
  await expect(looks.look(use, { ...PLACE, state: running }, never)).rejects.toMatchObject(refusal);
  expect(await looks.look([cache("a", "shared")], { ...PLACE, held: [cache("a", "shared")] }, never)).toBe(
    "seen",
  );
});
