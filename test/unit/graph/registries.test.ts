import { expect, test } from "vitest";
import { lineOfReference } from "../../../src/graph/registries.ts";

const TEXT = `ARG TAG=1
FROM scratch AS build
FROM image:$TAG
COPY --from=build /a /a
RUN --mount=type=cache,target=/c \\
    --mount=type=bind,from="biuld",target=/x \\
    ls
COPY --from=7 /a /a
`;

test.each([
  ["image:1", 3],
  ["image:2", undefined],
  ["build", 4],
  ["biuld", 5],
  ["7", 8],
  ["uild", undefined],
])("%s is referred to in line %s", (reference, line) => {
  expect(lineOfReference(TEXT, reference, {})?.start).toBe(line);
});

test("what build arguments say counts", () => {
  expect(lineOfReference(TEXT, "image:2", { TAG: "2" })).toMatchObject({ start: 3, end: 3 });
});

test("an instruction of several lines is named with all of them", () => {
  expect(lineOfReference(TEXT, "biuld", {})).toMatchObject({ start: 5, end: 7 });
});
