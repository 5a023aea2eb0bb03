import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MaskStream, SecretMask } from "../../../src/session/secret-mask.ts";

function maskOf(...values: readonly string[]): SecretMask {
  const mask = new SecretMask();
  for (const value of values) mask.add(Buffer.from(value), "secret");
  return mask;
}

/** All that comes out when the text comes in pieces of one size. */
function inPieces(mask: SecretMask, text: string, size: number): string {
  const stream = new MaskStream(mask);
  const bytes = Buffer.from(text);
  const shown: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) shown.push(stream.push(bytes.subarray(at, at + size)));
  shown.push(stream.end());
  return Buffer.concat(shown).toString();
}

const KEY = `-----BEGIN KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQ/x\n".repeat(3)}ab12\n-----END KEY-----\n`;

describe("S26 · a secret's value in output", () => {
  const value = "hunter2-Ωmega+/=?";
  const mask = maskOf(`${value}\n`, KEY);

  test.each([1, 2, 3, 5, 1000])("is hidden however the output is cut: pieces of %i bytes", (size) => {
    const text = `before ${value}${value} and hunter2-Ωmega, then ${value}`;
    expect(inPieces(mask, text, size)).toBe("before ****** and hunter2-Ωmega, then ***");
  });

  test("is hidden in base64 behind any text, in hexadecimal and in addresses", () => {
    for (const before of ["", "u", "u:", "user:"]) {
      const encoded = Buffer.from(`${before}${value}`).toString("base64");
      const shown = inPieces(mask, `token ${encoded}.`, 7);
      expect(shown).toMatch(/^token .{0,7}\*\*\*.{0,3}\.$/);
    }
    expect(mask.text(`x${Buffer.from(value).toString("hex")}y`)).toBe("x***y");
    expect(mask.text(`https://me:${encodeURIComponent(value)}@host/`)).toBe("https://me:***@host/");
  });

  test("is hidden line by line, also as a terminal prints it", () => {
    expect(mask.text(KEY)).toBe("***\n");
    expect(mask.text(KEY.replaceAll("\n", "\r\n"))).toBe("***\r\n");
    expect(mask.text("| MIIEvQIBADANBgkqhkiG9w0BAQ/x |")).toBe("| *** |");
  });

  test("is hidden when it stands in a file of variables", () => {
    const variables = maskOf(
      'USER=me\nTOKEN="abcdef123456"\nregistry=https://registry.example/\nmode=production\n',
    );
    expect(variables.text("with abcdef123456 from https://registry.example/ in production")).toBe(
      "with *** from https://registry.example/ in production",
    );
  });

  test("is hidden where one value begins with another, the longer one first", () => {
    const two = maskOf("abcd", "abcdefgh");
    expect(inPieces(two, "abcdefgh abcdef abcd", 3)).toBe("*** ***ef ***");
  });

  test("leaves everything else as it is, byte for byte", () => {
    const bytes = gzipSync(Buffer.from("text ".repeat(1000)));
    const stream = new MaskStream(mask);
    expect(Buffer.concat([stream.push(bytes), stream.end()])).toEqual(bytes);
    expect(maskOf("abc", "\n").text("abc abc")).toBe("abc abc");
  });

  test("of any size is hidden whole", () => {
    const long = Buffer.from(Array.from({ length: 500 * 1024 }, (_, index) => 33 + ((index * 7919) % 90)));
    const large = new SecretMask();
    large.add(long, "secret");
    const shown = large.text(`<${long.toString()}>`);
    expect(shown.replaceAll("*", "")).toBe("<>");
  });

  test("is shown no further than what somebody waited for", () => {
    const stream = new MaskStream(mask);
    expect(stream.push(Buffer.from("$ hu")).toString()).toBe("$ ");
    expect(stream.isReleasable).toBe(true);
    expect(Buffer.from(stream.release()).toString()).toBe("hu");
    expect(stream.isHolding).toBe(false);
    expect(stream.push(Buffer.from("nt")).length).toBe(0);
    expect(Buffer.from(stream.release()).toString()).toBe("n");
    expect(stream.isReleasable).toBe(false);
    expect(Buffer.from(stream.push(Buffer.from("er2-Ωmega+/=?!"))).toString()).toBe("***!");
    expect(stream.push(Buffer.from("hunt")).length).toBe(0);
    stream.release();
    expect(Buffer.from(stream.push(Buffer.from("ing"))).toString()).toBe("ting");
  });
});
