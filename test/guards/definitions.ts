import type { Guard } from "./guard.ts";

const test = "test/unit/protocol/definition-file.test.ts";
const file = "src/protocol/definition-file.ts";

/** Definitions that other programs have written. */
export const definitions: readonly Guard[] = [
  {
    cases: ["S51"],
    guard: "what would end an engine is refused before it is sent",
    test,
    changes: [
      {
        file,
        text: "const wrong = wrongWith(op);",
        without: "const wrong: string | undefined = undefined;",
      },
    ],
    title: "nothing",
  },
  {
    cases: ["S51"],
    guard: "operations are counted before they are read",
    test,
    changes: [
      { file, text: "if (operations.length - 1 > limits.vertices)", without: "if (operations.length < 0)" },
    ],
    title: "too many operations",
  },
];
