import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type DockerConfigFile,
  readConfigFile,
} from "../../../../../src/engine/locate/docker/config-file.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-config-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function read(text: string): Promise<Pick<DockerConfigFile, "values" | "problems">> {
  await writeFile(join(directory, "config.json"), text);
  const { path, values, problems } = await readConfigFile({ DOCKER_CONFIG: directory });
  return { values, problems: problems.map((problem) => problem.replace(path, "FILE")) };
}

const GOOD = '"proxies": {"default": {"httpProxy": "http://x:1"}}';
const PROXIES = { proxies: { default: { httpProxy: "http://x:1" } } };

// What docker 28.2 and buildx 0.29 say of each was tried: they warn of the same ones, and build.
describe("docker's config.json", () => {
  test.each([
    ["empty", "", {}],
    ["null", "null", {}],
    ["with something behind it", `{${GOOD}} "}{" more`, PROXIES],
    [
      "with what no build minds",
      `{${GOOD}, "HttpHeaders": 5, "psFormat": []}`,
      { ...PROXIES, HttpHeaders: 5, psFormat: [] },
    ],
  ])("%s is read without a word", async (_what, text, values) => {
    expect(await read(text)).toEqual({ values, problems: [] });
  });

  test.each([
    ["no JSON", `{\n${GOOD}, oops}`, "FILE:2:54 is not JSON; "],
    ["cut off", '{"auths": {"r": {"auth": "c2VjcmV0"', "FILE:1:36 is not JSON; "],
    ["with a byte order mark", "\ufeff{}", "FILE:1:1 is not JSON; "],
    ["a list", "[]", "FILE is no JSON object; "],
    ["a text", '"c2VjcmV0"', "FILE is no JSON object; "],
  ])(
    "%s counts as empty, and is told of with its place and without its text",
    async (_what, text, problem) => {
      const all = "proxies, credentials and a docker context in it do not count";
      expect(await read(text)).toEqual({ values: {}, problems: [problem + all] });
    },
  );

  test("values of the wrong kind are left out, each with its place, and the others count", async () => {
    const text = `{"auths": {"a": {}, "b": "c2VjcmV0"},\n"credsStore": 7, ${GOOD}, "currentContext": "far"}`;
    const { values, problems } = await read(text);
    expect(values).toEqual({ ...PROXIES, currentContext: "far" });
    expect(problems).toEqual([
      "FILE:1:26: auths has to be an object of objects; what docker has there does not count",
      "FILE:2:15: credsStore has to be a text; what docker has there does not count",
    ]);
    const proxies = await read('{"proxies": {"default": {"httpProxy": 5}}, "currentContext": "far"}');
    expect(proxies.values).toEqual({ currentContext: "far" });
    expect(proxies.problems).toEqual([expect.stringMatching(/^FILE:1:39: proxies has to be/)]);
  });

  test("a directory counts as empty too", async () => {
    await mkdir(join(directory, "config.json"));
    const problems = [expect.stringMatching(/^cannot read .*config\.json: EISDIR.*do not count$/)];
    expect(await readConfigFile({ DOCKER_CONFIG: directory })).toMatchObject({ values: {}, problems });
  });

  test.skipIf(process.getuid?.() === 0)(
    "so does a file that may not be read (needs a user who is not root)",
    async () => {
      await writeFile(join(directory, "config.json"), "{}", { mode: 0 });
      const problems = [expect.stringMatching(/EACCES/)];
      expect(await readConfigFile({ DOCKER_CONFIG: directory })).toMatchObject({ values: {}, problems });
    },
  );
});
