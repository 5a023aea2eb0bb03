/** Values of secrets in archives: in what files hold, in names, links and attributes, in every format and however it is cut. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SoughtSecrets } from "../../../src/session/secret-search.ts";
import { type SecretPlace, TarSearch } from "../../../src/session/tar-search.ts";
import { numbersFrom } from "../../support/seeded-numbers.ts";

const VALUE = "s3cr3t-tar-value";
const directory = mkdtempSync(join(tmpdir(), "bktui-tar-search-"));
const long = `${"deep/".repeat(60)}end`;

for (const [path, content] of [
  ["plain.txt", "nothing here\n"],
  ["etc/app.conf", `token = ${VALUE}\n`],
  ["etc/encoded", `x${Buffer.from(`me:${VALUE}`).toString("base64")}`],
  [`names/a-${VALUE}`, "empty of it"],
  [`names/${VALUE}/inner`, ""],
  [`${long}/far.txt`, `${"z".repeat(5000)}${VALUE}`],
  ["empty", ""],
  ["zz-last", VALUE],
] as const) {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
symlinkSync(`/run/${VALUE}`, join(directory, "link"));
symlinkSync("/".concat("x/".repeat(80), VALUE), join(directory, "long-link"));

afterAll(() => rmSync(directory, { recursive: true }));

function archive(format: string, ...options: readonly string[]): Buffer {
  const args = [`--format=${format}`, "--sort=name", ...options, "-cf", "-"];
  if (!options.some((option) => option.startsWith("./"))) args.push(".");
  return execFileSync("tar", args, { cwd: directory, maxBuffer: 2 ** 26 });
}

const sought = new SoughtSecrets();
sought.add("secret token", Buffer.from(VALUE));

function placesIn(bytes: Uint8Array, pieces: (left: number) => number): readonly SecretPlace[] {
  const search = new TarSearch(sought);
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, pieces(bytes.length - at));
    search.push(bytes.subarray(at, at + size));
    at += size;
  }
  return search.places;
}

const EXPECTED = [
  `content /${long}/far.txt`,
  "content /etc/app.conf",
  "content /etc/encoded",
  "content /zz-last",
  "link /link",
  "link /long-link",
  "name /names/***",
  "name /names/***",
  "name /names/***",
].sort();

describe("S26 · a secret's value in an archive", () => {
  test.each(["ustar", "gnu", "posix"])("is found with its path in %s, and named without itself", (format) => {
    // ustar has no room for all of it.
    const bytes = archive(
      format,
      ...(format === "ustar" ? ["--exclude=./deep", "--exclude=./long-link"] : []),
    );
    const random = numbersFrom(7);
    for (const pieces of [(left: number) => left, () => 512, () => 1, () => 1 + random(3000)]) {
      const places = placesIn(bytes, pieces);
      expect(new Set(places.map(({ secret }) => secret))).toEqual(new Set(["secret token"]));
      const found = places.map(({ part, path }) => `${part} ${path}`).sort();
      const isThere = (place: string): boolean => format !== "ustar" || !/deep|long-link/.test(place);
      expect(found).toEqual(EXPECTED.filter(isThere));
      expect(JSON.stringify(places)).not.toContain(VALUE);
    }
  });

  test("is found in an extended attribute", () => {
    const bytes = archive("posix", `--pax-option=SCHILY.xattr.user.note:=${VALUE}`);
    const places = placesIn(bytes, (left) => left);
    expect(places).toContainEqual({ secret: "secret token", part: "attribute", path: "/plain.txt" });
  });

  test("is looked for behind files whose size stands in a record or is no octal number", () => {
    const record = archive("posix", "--pax-option=size:=13", "./plain.txt").subarray(0, -1024);
    const binary = Buffer.from(archive("gnu", "./plain.txt"));
    binary.fill(0, 124, 136);
    binary[124] = 0x80;
    binary[135] = 13;
    const sum = binary
      .subarray(0, 512)
      .reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
    binary.write(sum.toString(8).padStart(6, "0"), 148, "latin1");
    const bytes = Buffer.concat([record.subarray(0, 2048), binary.subarray(0, 1024), archive("gnu")]);
    expect(placesIn(bytes, () => 700)).toHaveLength(EXPECTED.length);
  });

  test("ends in an error where the bytes are no archive, or end up as none", () => {
    const bytes = archive("posix");
    expect(() => placesIn(Buffer.alloc(2048, "x"), (left) => left)).toThrow("cannot be searched");
    const damaged = Buffer.from(bytes);
    damaged[0] = 0x7f;
    expect(() => placesIn(damaged, (left) => left)).toThrow("cannot be searched");
  });

  test("is told of for a hundred places at most", () => {
    const file = join(directory, "many");
    mkdirSync(file);
    for (let index = 0; index < 150; index += 1) writeFileSync(join(file, `${index}`), VALUE);
    expect(placesIn(archive("gnu"), (left) => left)).toHaveLength(100);
    rmSync(file, { recursive: true });
  });
});
