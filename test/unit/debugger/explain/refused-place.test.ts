import { expect, test } from "vitest";
import { refusedPlace } from "../../../../src/debugger/explain/refused-place.ts";
import { FrontendFailed } from "../../../../src/engine/failures.ts";

const TEXT = `FROM busybox:1.36 AS build
RUN true
FROM reg.test/team/app:2
RUN --mount=type=bind,from=nostage,target=/x \\
  ls
COPY --from=build /a /
COPY --from=9 /b /
COPY --from=Twice /c /
RUN --mount=from=twice,target=/y ls
FROM Builder
`;
const placeOf = (message: string, failed: readonly string[] = []): string => {
  const place = refusedPlace(new FrontendFailed(message, []), failed, TEXT);
  return place === undefined ? "none" : `${place.start}-${place.end}`;
};
const unresolved = (name: string): string =>
  `failed to resolve source metadata for docker.io/library/${name}:latest: not found`;

test("the line of what could not be found is that of the one instruction that names it", () => {
  expect(placeOf(unresolved("nostage"))).toBe("4-5");
  // BuildKit 0.8 names the image in its progress only.
  expect(placeOf("failed to do request: x", ["[internal] load metadata for reg.test/team/app:2"])).toBe(
    "3-3",
  );
  expect(placeOf('failed to parse stage name "Builder": invalid reference format')).toBe("10-10");
  expect(placeOf("invalid stage index 9")).toBe("7-7");
  expect(placeOf(unresolved("twice"))).toBe("none");
  expect(placeOf(unresolved("gone"))).toBe("none");
  expect(placeOf("something else")).toBe("none");
});
