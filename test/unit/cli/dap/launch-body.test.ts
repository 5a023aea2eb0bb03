import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { buildOptions } from "../../../../src/cli/commands.ts";
import { type LaunchBody, readLaunchBody } from "../../../../src/cli/dap/launch-body.ts";
import { optionKeys } from "../../../../src/cli/dap/option-keys.ts";

const keys = optionKeys(buildOptions());
const read = (body: unknown): LaunchBody => readLaunchBody("launch", body, keys);

function refused(body: unknown): string {
  try {
    read(body);
  } catch (error) {
    if (error instanceof BktuiError && error.code === "usage") return error.message;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(body)}`);
}

const NOTHING = read({});

describe("values that say nothing", () => {
  test.each([
    [undefined],
    [null],
    [{}],
    [{ dockerfile: null, contextPath: "", target: null, stopOnEntry: null, args: null, builder: "" }],
    [{ args: [], breakpoints: [""], tags: [], buildArgs: {}, env: {} }],
    [{ type: "dockerfile", request: "launch", name: "Debug", __sessionId: "1", __configurationTarget: 6 }],
  ])("%j", (body) => {
    expect(read(body)).toEqual(NOTHING);
  });

  test("editors' lists of empty words are kept for the command line, which leaves them out", () => {
    expect(read({ args: [""] }).args).toEqual([""]);
  });
});

describe("the keys of docker buildx dap", () => {
  test("are taken as they are", () => {
    const body = {
      dockerfile: "a/Dockerfile",
      contextPath: "a",
      stopOnEntry: true,
      args: ["--build-arg", "A=1"],
      cwd: "/x",
    };
    expect(read({ ...body, target: "app", builder: "far" })).toMatchObject({
      ...body,
      optionWords: ["--target=app", "--builder=far"],
      notes: [],
    });
  });

  test.each([
    [{}, undefined],
    [{ run: true }, false],
    [{ run: false }, true],
    [{ stopOnEntry: true }, true],
    [{ stopOnEntry: false, run: false }, false],
    [{ stopOnEntry: true, run: true }, true],
    [{ stopOnEntry: null, run: false }, true],
  ])("stopOnEntry goes before run: %j", (body, stopOnEntry) => {
    expect(read(body).stopOnEntry).toBe(stopOnEntry);
  });
});

describe("every option is a key", () => {
  test.each<[object, readonly string[]]>([
    [{ platform: "linux/arm64" }, ["--platform=linux/arm64"]],
    [{ platforms: ["linux/arm64", "linux/amd64"] }, ["--platform=linux/arm64", "--platform=linux/amd64"]],
    [{ noCache: true }, ["--no-cache"]],
    [{ "no-cache": false }, ["--no-cache=false"]],
    [{ buildArgs: ["A=1", "B"] }, ["--build-arg=A=1", "--build-arg=B"]],
    [{ "build-arg": "A=1" }, ["--build-arg=A=1"]],
    [
      { buildArgs: { A: "1", B: 2, C: true, D: null, E: "" } },
      ["--build-arg=A=1", "--build-arg=B=2", "--build-arg=C=true", "--build-arg=E="],
    ],
    [{ secrets: ["id=a,src=b", ""] }, ["--secret=id=a,src=b"]],
    [{ ssh: "default" }, ["--ssh=default"]],
    [{ addHosts: { db: "10.0.0.1" } }, ["--add-host=db:10.0.0.1"]],
    [{ shmSize: 64 }, ["--shm-size=64"]],
    [{ onError: "wait" }, ["--on-error=wait"]],
    [
      { addr: "unix:///x", engine: "never", shell: "bash -l" },
      ["--addr=unix:///x", "--engine=never", "--shell=bash -l"],
    ],
    [{ keepGoing: true }, ["--keep-going"]],
    [{ serve: true }, ["--serve="]],
    [{ serve: "mine" }, ["--serve=mine"]],
    [{ serve: false }, []],
    [{ llb: "plan.llb", locals: { context: "." } }, ["--llb=plan.llb", "--local=context=."]],
  ])("%j", (body, words) => {
    expect(read(body)).toMatchObject({ optionWords: words, notes: [] });
  });

  test("no two have a name in common, and none has that of another key", () => {
    const names = keys.flatMap((key) => key.names);
    const twice = names.filter((name, at) => names.indexOf(name) !== at);
    expect(twice).toEqual([]);
    const own = ["dockerfile", "contextPath", "args", "cwd", "env", "breakpoints", "stopOnEntry", "noDebug"];
    expect(own.filter((name) => names.includes(name))).toEqual([]);
  });

  test("but those of other front ends", () => {
    const notes = read({ json: true, ui: "plain", check: true }).notes;
    expect(notes.map((note) => note.slice(0, 45))).toEqual([
      'launch configuration: "json" is no key of bkt',
      'launch configuration: "ui" is no key of bktui',
      'launch configuration: "check" is no key of bk',
    ]);
  });
});

describe("wrong types are refused with key, expected type and what was there", () => {
  test.each([
    ["x", 'launch: the arguments are to be an object, not the text "x"'],
    [[], "launch: the arguments are to be an object, not a list"],
    [{ stopOnEntry: "yes" }, 'launch: "stopOnEntry" is to be true or false, not the text "yes"'],
    [{ contextPath: 5 }, 'launch: "contextPath" is to be a text, not a number'],
    [{ dockerfile: { a: 1 } }, 'launch: "dockerfile" is to be a text, not an object'],
    [{ target: ["a"] }, 'launch: "target" is to be a text, not a list'],
    [{ target: true }, 'launch: "target" is to be a text, not the boolean true'],
    [
      { args: "--x" },
      'launch: "args" is to be a list of texts, e.g. ["--build-arg", "A=1"], not the text "--x"',
    ],
    [{ args: [{}] }, 'launch: "args.0" is to be a list of texts, e.g. ["--build-arg", "A=1"], not an object'],
    [{ noCache: "true" }, 'launch: "noCache" is to be true or false, not the text "true"'],
    [{ tags: [1, {}] }, 'launch: "tags" is to be a text or a list of texts, not a list'],
    [
      { breakpoints: 5 },
      'launch: "breakpoints" is to be a list of places, e.g. [12, "app:end", "/RUN npm/"], not the number 5',
    ],
    [{ env: { A: [] } }, 'launch: "env.A" is to be an object with a text for each variable, not a list'],
  ])("%j", (body, message) => {
    expect(refused(body)).toBe(message);
  });

  test("the values of what may be secret are not repeated", () => {
    const bodies = [
      { env: "s3cret" },
      { token: ["s3cret"] },
      { env: ["s3cret"] },
      { buildArgs: [["s3cret"]] },
      { buildArgs: "s3cret", secrets: [["s3cret"]] },
    ];
    for (const body of bodies) expect(refused(body)).not.toContain("s3cret");
  });

  test("whatever is sent: an answer or a refusal", () => {
    const names = [
      ...keys.flatMap((key) => key.names),
      "args",
      "env",
      "cwd",
      "breakpoints",
      "__proto__",
      "x",
    ];
    const bodies = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...names), fc.anything()));
    fc.assert(
      fc.property(bodies, (body) => {
        try {
          read(body);
        } catch (error) {
          expect(error).toBeInstanceOf(BktuiError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("unknown keys are told of, near ones suggested, not too many", () => {
  const notes = read({ dockerFile: "x", stopOnEnter: true, qqq: 1, a1: 1, a2: 1, a3: 1, a4: 1 }).notes;
  expect(notes[0]).toBe('launch configuration: "dockerFile" is no key of bktui, did you mean "dockerfile"?');
  expect(notes[1]).toBe(
    'launch configuration: "stopOnEnter" is no key of bktui, did you mean "stopOnEntry"?',
  );
  expect(notes[2]).toBe('launch configuration: "qqq" is no key of bktui');
  expect(notes.at(-1)).toBe("launch configuration: 2 more keys mean nothing here");
  expect(notes).toHaveLength(6);
});

test("a key of a client reaches no terminal as it is", () => {
  expect(read({ "\u001b[2Jx": 1 }).notes.join()).not.toContain("\u001b");
  expect(refused({ target: ["\u001b[2J"] })).not.toContain("\u001b");
});
