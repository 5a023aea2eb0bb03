/** What is typed behind `bundle`, and options for one. */
import { expect, test } from "vitest";
import { readBundle, typedBundle } from "../../../../src/console/bundles/read-bundle.ts";

const at = { cwd: "/w" };
const plain = { state: false, force: false, withSecrets: false };

test.each([
  [["a.dockerbuild"], { ...plain, path: "/w/a.dockerbuild" }],
  [["--state", "/x/a b"], { ...plain, path: "/x/a b", state: true }],
  [["f", "--force", "--secrets=allow"], { ...plain, path: "/w/f", force: true, withSecrets: true }],
])("bundle %j", (words, wanted) => {
  expect(readBundle(words, at)).toEqual(wanted);
});

test.each([
  [[], /a file is missing/],
  [["--state"], /a file is missing/],
  [["--sate", "f"], /"--sate" is no option of bundle: --state/],
  [["a", "b"], /"b" is too much/],
])("bundle %j is refused", (words, why) => {
  expect(() => readBundle(words, at)).toThrow(why);
});

test("options ask for one with a file only", () => {
  expect(typedBundle({}, at)).toBeUndefined();
  expect(typedBundle({ bundle: "f", bundleState: true }, at)).toEqual({
    ...plain,
    path: "/w/f",
    state: true,
  });
  expect(typedBundle({ bundle: "f", bundleForce: true }, at)).toEqual({
    ...plain,
    path: "/w/f",
    force: true,
  });
  expect(() => typedBundle({ bundleState: true }, at)).toThrow(/which file/);
  expect(() => typedBundle({ bundle: "" }, at)).toThrow(/which file/);
});
