/** What is typed behind `export`. */
import { expect, test } from "vitest";
import { readExport } from "../../../../src/console/exports/read-export.ts";
import { failureOf } from "../../../support/thrown.ts";

const read = (text: string) =>
  readExport(
    text.split(" ").filter((word) => word !== ""),
    { cwd: "/w" },
  );

test.each([
  ["", { side: undefined, outputs: [{ type: "docker", dest: undefined, attributes: {} }] }],
  ["failed", { side: "failed" }],
  [
    "BASE docker app:x",
    { side: "base", outputs: [{ type: "docker", dest: undefined, attributes: { name: "app:x" } }] },
  ],
  ["tarball a.tar", { outputs: [{ type: "docker", dest: "/w/a.tar", attributes: {} }] }],
  ["oci /t/a.tar --force", { force: true, outputs: [{ type: "oci", dest: "/t/a.tar", attributes: {} }] }],
  ["after tar a", { side: "after", outputs: [{ type: "tar", dest: "/w/a", attributes: {} }] }],
  ["--rebuild local d", { rebuild: true, outputs: [{ type: "local", dest: "/w/d", attributes: {} }] }],
  [
    "registry r.test/x:1",
    { outputs: [{ type: "registry", dest: undefined, attributes: { name: "r.test/x:1" } }] },
  ],
  ["-o d", { outputs: [{ type: "local", dest: "/w/d", attributes: {} }] }],
  [
    "base -o type=oci,dest=a --output=type=tar,dest=b",
    {
      side: "base",
      outputs: [
        { type: "oci", dest: "/w/a", attributes: {} },
        { type: "tar", dest: "/w/b", attributes: {} },
      ],
    },
  ],
])("export %s", (text, wanted) => {
  expect(read(text)).toMatchObject(wanted);
});

test.each([
  ["zip x", /no type of export/],
  ["regstry x", /did you mean registry/],
  ["tar", /where to is missing: export tar FILE/],
  ["docker UPPER", /no name of an image/],
  ["tar a b", /"b" is too much/],
  ["tar a -o b", /either tar or -o/],
  ["-o -", /standard output/],
])("export %s is refused", (text, why) => {
  expect(failureOf(() => read(text)).message).toMatch(why);
});
