import { describe, expect, test } from "vitest";
import { explainRefusal } from "../../../../src/debugger/explain/refused-words.ts";
import { frontendReasonOf } from "../../../../src/debugger/failures/frontend-reasons.ts";
import { FrontendFailed } from "../../../../src/engine/failures.ts";
import { lineOf, type SourceRange } from "../../../../src/graph/graph.ts";

const FRONTEND = "example.test/plans:1";

function words(text: string, line?: number, frontend: string | undefined = FRONTEND) {
  const ranges: SourceRange[] =
    line === undefined ? [] : [{ source: 0, start: lineOf(line), end: lineOf(line) }];
  const error = new FrontendFailed(text, ranges, { frontend });
  return explainRefusal(error, frontendReasonOf(error, []), "{}");
}

describe("a frontend of its own", () => {
  test.each([
    ["exit code: 7", "the frontend example.test/plans:1 ended with exit code 7 before it answered"],
    [
      "frontend grpc server closed unexpectedly",
      "the frontend example.test/plans:1 ended before it answered",
    ],
    [
      "failed to solve with frontend gateway.v0: exit code: 1",
      "the frontend example.test/plans:1 ended with exit code 1 before it answered",
    ],
  ])("that ends is no image that cannot be pulled: %s", (text, headline) => {
    const { headline: said, why } = words(text);
    expect(said).toBe(headline);
    expect(why.join(" ")).toMatch(/the engine's own log/);
  });

  test("that refuses is told in its words, without the place that is told already", () => {
    const { headline, why } = words('plan.json:8: "name" must be text', 8);
    expect(headline).toBe('line 8: "name" must be text');
    expect(why).toEqual(["So says the frontend example.test/plans:1."]);
    expect(words("plan.json:8: no", 9).headline).toBe("line 9: plan.json:8: no");
  });

  test("whose image is missing is told of as that", () => {
    expect(words("example.test/plans:1: not found").headline).toBe(
      "the frontend example.test/plans:1 cannot be pulled: not found",
    );
  });

  test("that the engine does not have is named, with those that there are", () => {
    const { headline, why } = words("invalid frontend: none.v0", undefined, "none.v0");
    expect(headline).toBe('the engine has no frontend "none.v0"');
    expect(why.join(" ")).toMatch(/dockerfile\.v0 and gateway\.v0/);
  });
});
