import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { retryText } from "../../../../src/debugger/shells/retry-text.ts";
import type { StepEnvironment } from "../../../../src/engine/engine.ts";
import { execMeta } from "../../../support/exec-meta.ts";

function environment(args: readonly string[], shell: readonly string[] = ["/bin/sh", "-c"]): StepEnvironment {
  return { meta: execMeta({ args }), mounts: [], shell };
}

const HEREDOC = 'cat <<EOF\nit\'s\t"$((1 + 1))" \\\\ `echo x`\nEOF\nprintf \'%s|\' "a\\nb"\n';

test("the words of a RUN are typed as they are", () => {
  const script = `echo "it's" && false`;
  expect(retryText(environment(["/bin/sh", "-c", script]), { bracketed: false })).toBe(script);
});

test("several lines go in brackets, unless something in them would end the brackets", () => {
  const step = environment(["/bin/sh", "-c", HEREDOC]);
  expect(retryText(step, { bracketed: true })).toBe(`\u001b[200~${HEREDOC}\u001b[201~`);
  const ending = environment(["/bin/sh", "-c", "echo \u001b[201~\nreboot"]);
  expect(retryText(ending, { bracketed: true })).not.toContain("\u001b");
});

test.each([
  ["several lines", ["/bin/sh", "-c", HEREDOC], ["/bin/sh", "-c"]],
  ["the exec form", ["printf", "%s|", "it's", "", "a b", "$HOME", "two\nlines\tand é"], ["/bin/sh", "-c"]],
  ["a shell with options", ["/bin/sh", "-eu", "-c", "false; echo no"], ["/bin/sh", "-eu", "-c"]],
])("%s are one line that does the same", (_, args, shell) => {
  const line = retryText(environment(args, shell), { bracketed: false });
  expect(line).not.toMatch(/\p{Cc}/u);
  const [program = "", ...rest] = args;
  const own = spawnSync(program, rest, { encoding: "utf8" });
  const typed = spawnSync("/bin/sh", { input: `${line}\n`, encoding: "utf8" });
  expect([typed.stdout, typed.status]).toEqual([own.stdout, own.status]);
});
