/** Values of secrets in what is exported: found in every form and however the stream is cut, and nothing else. */
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { SecretSearch, SoughtSecrets } from "../../../src/session/secret-search.ts";
import { numbersFrom } from "../../support/seeded-numbers.ts";

const VALUE = 'hunter2-Ωmega+/=?"q';

function soughtOf(values: Readonly<Record<string, string>>): SoughtSecrets {
  const sought = new SoughtSecrets();
  for (const [name, value] of Object.entries(values)) sought.add(name, Buffer.from(value));
  return sought;
}

/** What is found when the bytes come in pieces that end at these places. */
function foundIn(sought: SoughtSecrets, bytes: Uint8Array, cuts: readonly number[]): readonly string[] {
  const search = new SecretSearch(sought);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    search.push(bytes.subarray(from, cut));
    from = cut;
  }
  return search.found;
}

describe("S26 · a secret's value in bytes that are exported", () => {
  const sought = soughtOf({ token: VALUE, other: "0123-other-value" });
  const forms: readonly (readonly [string, string])[] = [
    ["as it is", VALUE],
    ...["", "u", "u:", "user:"].map((before): readonly [string, string] => [
      `in base64 behind "${before}"`,
      Buffer.from(`${before}${VALUE}`).toString("base64"),
    ]),
    ["in base64 of addresses", Buffer.from(`a${VALUE}`).toString("base64url")],
    ["in hexadecimal", Buffer.from(VALUE).toString("hex")],
    ["in an address", encodeURIComponent(VALUE)],
    ["in JSON", JSON.stringify(VALUE)],
  ];

  test.each(forms)("is found %s, wherever the stream is cut", (_name, form) => {
    const bytes = Buffer.from(`before ${form} behind`);
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(foundIn(sought, bytes, [cut])).toEqual(["token"]);
    const each = Array.from({ length: bytes.length }, (_, index) => index);
    expect(foundIn(sought, bytes, each)).toEqual(["token"]);
  });

  test("is found in 10,000 streams of random bytes that are cut at random, and not where one byte of it differs", () => {
    const random = numbersFrom(20261129);
    for (let round = 0; round < 10_000; round += 1) {
      const [, form = ""] = forms[random(forms.length)] ?? [];
      const noise = (): Buffer => Buffer.from(Array.from({ length: random(40) }, () => random(256)));
      const value = Buffer.from(form);
      const bytes = Buffer.concat([noise(), value, noise()]);
      const cuts = Array.from({ length: random(6) }, () => random(bytes.length)).sort((a, b) => a - b);
      expect(foundIn(sought, bytes, cuts)).toEqual(["token"]);
      if (form !== VALUE) continue;
      const place = bytes.indexOf(value) + random(value.length);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      expect(foundIn(sought, bytes, cuts)).toEqual([]);
    }
  });

  test("is found by each of several secrets, and once for two of one value", () => {
    expect(sought.in(`${VALUE} 0123-other-value`)).toEqual(["token", "other"]);
    expect(soughtOf({ one: VALUE, two: VALUE }).in(VALUE)).toEqual(["one"]);
  });

  test("of any size is found by any line or piece of it", () => {
    const lines = Array.from({ length: 2000 }, () => randomBytes(48).toString("base64"));
    const large = soughtOf({ ring: lines.join("\n") });
    for (const line of [lines[0], lines[999], lines[1999]]) expect(large.in(`x${line}y`)).toEqual(["ring"]);
    const long = randomBytes(100_000).toString("latin1");
    expect(soughtOf({ blob: long }).in(Buffer.from(long).subarray(70_000, 71_000))).toEqual(["blob"]);
  });

  test("is not found in what other files have too: armour, the beginning of every key, settings, words", () => {
    const key = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDx0Jb1hV3m0Z1Qd2w4bK3y8pT5sR6uN7aE9cL0fX1GhAAAAJi7VnOsu1Zz
-----END OPENSSH PRIVATE KEY-----
`;
    const npmrc =
      "registry=https://registry.npmjs.org/\nalways-auth=true\n//registry.npmjs.org/:_authToken=npm_A1b2C3d4E5f6\n";
    const many = soughtOf({ key, npmrc, word: "pass", pin: "1234", nothing: "\n" });
    const others = [
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nother",
      "registry=https://registry.npmjs.org/\nalways-auth=true\n",
      "a pass of 1234",
    ];
    for (const text of others) {
      expect(many.in(text)).toEqual([]);
      expect(many.in(Buffer.from(text).toString("base64"))).toEqual([]);
    }
    expect(many.in(`x ${key.split("\n")[2]} y`)).toEqual(["key"]);
    expect(many.in(key.replaceAll("\n", "\\n"))).toEqual(["key"]);
    expect(many.in(Buffer.from(`k: ${key}`).toString("base64"))).toEqual(["key"]);
    expect(many.in("token: npm_A1b2C3d4E5f6")).toEqual(["npmrc"]);
    expect(many.unsought).toEqual(["word", "pin"]);
  });

  test("costs little: no copy of the stream is kept, and compressed files are passed over", () => {
    const noise = gzipSync(randomBytes(4 * 1024 * 1024));
    const search = new SecretSearch(sought);
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 25; round += 1) search.push(noise);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
    expect(search.found).toEqual([]);
  });
});
