import { describe, expect, test } from "vitest";
import type { DapLine } from "../../../../src/cli/dap/dap-command.ts";
import { parse, refusal } from "../../../support/parsed-arguments.ts";

function dapLine(...argv: readonly string[]): DapLine {
  const invocation = parse(...argv);
  if (invocation.kind !== "dap") throw new Error(`not dap: ${invocation.kind}`);
  return invocation.line;
}

describe("the grammar of docker buildx dap", () => {
  test.each<[readonly string[], readonly string[]]>([
    [["dap"], []],
    [["dap", "build"], []],
    [["dap", "."], ["."]],
    [
      ["dap", "build", "-f", "a/Dockerfile", "a"],
      ["-f", "a/Dockerfile", "a"],
    ],
    [["buildx", "dap", "build", "."], ["."]],
    [["buildx", "dap", "b", "."], ["."]],
    // Without buildx in front of it a directory may have that name.
    [["dap", "b"], ["b"]],
    [
      ["buildx", "--builder", "far", "dap", "build", "."],
      ["--builder", "far", "."],
    ],
    [
      ["--builder", "far", "dap", "build", "--target=x"],
      ["--builder", "far", "--target=x"],
    ],
    [["docker", "buildx", "dap", "build", "."], ["."]],
    [
      ["dap", "build", "-b", "12", "--break=miss", "--on-error=wait"],
      ["-b", "12", "--break=miss", "--on-error=wait"],
    ],
    // Of several words "build" only the first is the command.
    [["dap", "build", "build"], ["build"]],
  ])("%j", (argv, words) => {
    expect(dapLine(...argv)).toEqual({ words });
  });

  test("an empty path is none, an empty value stays", () => {
    expect(dapLine("buildx", "dap", "build", "")).toEqual({ words: [] });
    expect(dapLine("dap", "build", "--target", "", "")).toEqual({ words: ["--target", ""] });
  });

  test("what is wrong with a build's options is not looked at yet", () => {
    expect(dapLine("dap", "build", "--no-such", "x", "--on-error", "dance")).toEqual({
      words: ["--no-such", "x", "--on-error", "dance"],
    });
  });

  test.each([[["build", "dap"]], [["./dap"]], [["-f", "dap"]], [["--", "dap"]]])("%j is a build", (argv) => {
    expect(parse(...argv).kind).toBe("debug");
  });

  test.each([[["dap", "--help"]], [["buildx", "dap", "build", "-h"]], [["dap", "-f", "x", "--help"]]])(
    "%j is help",
    (argv) => {
      const invocation = parse(...argv);
      expect(invocation.kind).toBe("help");
      expect(invocation).toMatchObject({ text: expect.stringContaining("Debug Adapter Protocol") });
      expect(invocation).toMatchObject({ text: expect.stringContaining("--build-arg") });
    },
  );

  test("help is an option, not a value", () => {
    expect(dapLine("dap", "--build-arg", "-h")).toEqual({ words: ["--build-arg", "-h"] });
  });
});

describe("--listen", () => {
  test.each([[["--listen", "unix:x"]], [["--listen=unix:x"]]])("%j", (words) => {
    expect(dapLine("dap", ...words, "-f", "D")).toEqual({ words: ["-f", "D"], listen: "unix:x" });
    expect(dapLine("dap", "build", "-f", "D", ...words)).toEqual({ words: ["-f", "D"], listen: "unix:x" });
  });

  test.each([[["--listen"]], [["--listen="]], [["--listen=a", "--listen=b"]]])("%j is refused", (words) => {
    expect(refusal("dap", ...words).message).toBe("--listen is given once, with a place");
  });

  test("another option's value is not it", () => {
    expect(dapLine("dap", "--build-arg", "--listen")).toEqual({ words: ["--build-arg", "--listen"] });
  });
});

describe("attach", () => {
  test.each<[readonly string[], string | undefined]>([
    [["dap", "attach"], undefined],
    [["dap", "attach", "app-3f2a"], "app-3f2a"],
    [["buildx", "dap", "attach", "/run/x.sock"], "/run/x.sock"],
    [["dap", "attach", "-D", "tcp:127.0.0.1:4711"], "tcp:127.0.0.1:4711"],
  ])("%j", (argv, where) => {
    expect(dapLine(...argv)).toEqual({ words: [], attach: { where } });
  });

  test("takes nothing else, and a directory of that name can be named", () => {
    expect(refusal("dap", "attach", "x", "--run").message).toBe("dap attach takes one place, and no --run");
    expect(dapLine("dap", "build", "./attach")).toEqual({ words: ["./attach"] });
  });
});
