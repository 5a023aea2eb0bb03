import { describe, expect, test } from "vitest";
import { ask, wordsOf } from "../../../../../src/engine/locate/builders/programs.ts";

const { signal } = new AbortController();
const env = { PATH: process.env["PATH"] };

function shell(script: string): Parameters<typeof ask>[0] {
  return { program: "sh", args: ["-c", script], env: { GIVEN: "here" } };
}

describe("a program that a builder is reached with", () => {
  test("gets bktui's environment and what is its own", async () => {
    const answer = await ask(shell('echo "$GIVEN $OTHER"'), { env: { ...env, OTHER: "too" }, signal });
    expect(answer).toMatchObject({ exitCode: 0, stdout: "here too\n" });
  });

  test("that hangs is ended when its time is over", async () => {
    const asked = ask(shell("echo $$; exec sleep 600"), { env, signal, limitMs: 200 });
    await expect(asked).rejects.toMatchObject({
      code: "engine-unreachable",
      message: "sh gave no answer within 0.2 s",
    });
  });

  test("is ended when the user gives up", async () => {
    const controller = new AbortController();
    const asked = ask(shell("exec sleep 600"), { env, signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  });

  test("has its last words told harmlessly, or its exit status", async () => {
    const spoken = await ask(shell("printf 'one\\ntwo\\033[2J\\nthree\\nfour\\n' >&2; exit 3"), {
      env,
      signal,
    });
    expect(wordsOf(spoken)).toBe("two^[[2J; three; four");
    expect(wordsOf(await ask(shell("exit 4"), { env, signal }))).toBe("exit status 4");
  });
});
