import type { Guard } from "./guard.ts";

/** What can be reached from outside, and what outlives whom. */
export const reach: readonly Guard[] = [
  {
    cases: ["S44"],
    guard: "no code is made from a string",
    test: "test/e2e/no-eval.test.ts",
    title: "the built program",
    changes: [
      {
        file: "src/main.ts",
        text: "let hasDebugged = false;",
        without: 'let hasDebugged = new Function("return false")();',
      },
    ],
  },
];
