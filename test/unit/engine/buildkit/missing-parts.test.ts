import { expect, test } from "vitest";
import { MissingParts } from "../../../../src/engine/buildkit/missing-parts.ts";
import type { StatefulMount } from "../../../../src/engine/buildkit/mounts.ts";
import { execMeta } from "../../../support/exec-meta.ts";
import { digestOf, edgeOf, makeGraph } from "../../../support/graphs.ts";

const { signal } = new AbortController();

function mountAt(dest: string, own: { selector?: string; state?: StatefulMount["state"] }): StatefulMount {
  const mount = {
    input: undefined,
    selector: own.selector ?? "",
    dest,
    output: undefined,
    readonly: false,
    kind: "cache" as const,
    cache: { id: "c", sharing: "shared" as const },
    secret: undefined,
    tmpfsSize: 0,
  };
  return { mount, state: own.state };
}

test("a mount that cannot be looked at is told when the container of another one is gone", async () => {
  const order: string[] = [];
  const parts = new MissingParts({
    channel: {} as never,
    queue: {} as never,
    given: { secrets: [], ssh: [], env: {} },
    edges: { ref: () => Promise.reject(new Error("lost")) } as never,
    make: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push("made");
      return {
        start: async () => ({ onData: () => undefined, exited: Promise.resolve(1) }),
        [Symbol.asyncDispose]: async () => void order.push("released"),
      } as never;
    },
  });
  const vertex = makeGraph(undefined, [{ id: "run" }]).vertices.get(digestOf("run"));
  if (vertex === undefined) throw new Error("no vertex");
  const mounts = [
    mountAt("/", { state: { kind: "id", id: "root" } }),
    mountAt("/tried", { selector: "sub" }),
    mountAt("/lost", { state: { kind: "edge", edge: edgeOf("source") } }),
  ];
  const environment = { meta: execMeta(), mounts: mounts.map(({ mount }) => mount), shell: [] };
  await expect(parts.of({ vertex, mounts, environment }, { signal })).rejects.toThrow("lost");
  expect(order).toEqual(["made", "released"]);
});
