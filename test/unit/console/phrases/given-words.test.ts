import { expect, test } from "vitest";
import { limitWords, takenWords } from "../../../../src/console/phrases/given-words.ts";

const proxy = {
  name: "build-arg HTTP_PROXY",
  value: "http://***@p:1",
  from: "config.json, proxies of default",
};
const epoch = { name: "SOURCE_DATE_EPOCH", value: "7", from: "the environment" };

test("what was taken is said with where it is from", () => {
  expect(takenWords({ taken: [epoch], buildArgs: { SOURCE_DATE_EPOCH: "7" } }, { taken: [proxy] })).toEqual([
    "SOURCE_DATE_EPOCH=7 from the environment",
    "build-arg HTTP_PROXY=http://***@p:1 from config.json, proxies of default",
  ]);
  expect(takenWords(undefined, {})).toEqual([]);
});

test("a proxy that was asked for in any case of letters is not taken", () => {
  expect(takenWords({ buildArgs: { http_proxy: "x" } }, { taken: [proxy] })).toEqual([]);
});

test("limits are said not to hold in shells", () => {
  expect(limitWords({ resources: {}, cgroupParent: undefined })).toEqual([]);
  expect(limitWords({ resources: { memory: "1024" }, cgroupParent: "bkt" })).toEqual([
    "memory=1024 cgroup-parent=bkt: for the steps alone, shells are not limited",
  ]);
});
