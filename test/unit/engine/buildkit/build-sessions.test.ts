/** A build with linked targets stands on several sessions. */
import { expect, test } from "vitest";
import { BuildSessions } from "../../../../src/engine/buildkit/build-sessions.ts";
import type { Digest } from "../../../../src/graph/graph.ts";
import type { FileProblem } from "../../../../src/session/files/file-problem.ts";

/** A session that can be broken and closed, with files that could not be sent. */
class HandSession {
  readonly #closed = new AbortController();
  breaks = 0;
  readonly session;
  readonly fileProblems: FileProblem[] = [];

  constructor(id: string) {
    const get = (): number => this.breaks;
    this.session = {
      id,
      closed: this.#closed.signal,
      get breaks() {
        return get();
      },
      healed: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  fail(path: string, kind: FileProblem["kind"]): void {
    this.fileProblems.push({ kind, directory: "context", path, message: `context file "${path}" ${kind}` });
  }

  close(): void {
    this.#closed.abort(new Error("gone"));
  }
}

const OF_BASE = "sha256:base" as Digest;
const OF_OWN = "sha256:own" as Digest;

function sessions() {
  const [own, base] = [new HandSession("own"), new HandSession("base")];
  const all = new BuildSessions(own, {
    byTarget: new Map([["base", base]]),
    targetOf: (vertex) => (vertex === OF_BASE ? "base" : undefined),
  });
  return { own, base, all };
}

test("a file that could not be sent is told of the vertex whose session it was, with the linked target's name", () => {
  const { own, base, all } = sessions();
  expect(all.fileProblem(OF_BASE)).toBeUndefined();
  own.fail("a", "vanished");
  base.fail("b", "vanished");
  base.fail("c", "grew");
  expect(all.fileProblem(OF_OWN)).toBe('context file "a" vanished');
  expect(all.fileProblem(OF_BASE)).toBe('target base: context file "b" vanished');
  expect(all.fileProblem(undefined)).toBe('context file "a" vanished');
});

test("breaks of all are counted, and the end of any is told with whose it was", () => {
  const { own, base, all } = sessions();
  const told: string[] = [];
  all.watch((what) => told.push(what));
  base.breaks = 2;
  own.breaks = 1;
  expect(all.breaks).toBe(3);
  expect(all.isClosed).toBe(false);
  base.close();
  expect(all.isClosed).toBe(true);
  own.close();
  expect(told).toEqual(["the engine closed the session of target base", "the engine closed the session"]);
});
