import { describe, expect, test } from "vitest";
import { ableNode, promisedNode } from "../../../../../src/engine/locate/builders/platforms.ts";

const NODES = [["linux/amd64", "linux/arm/v7"], ["linux/arm64"], ["linux/amd64/v3", "windows/amd64"]];

describe("the node that promises a platform", () => {
  test.each([
    ["linux/amd64", 0],
    ["linux/arm64", 1],
    ["linux/arm64/v8", 1],
    ["linux/aarch64", 1],
    ["linux/x86_64", 0],
    ["linux/arm", 0],
    ["linux/armhf", 0],
    ["linux/amd64/v3", 2],
    ["arm64", 1],
    ["windows/amd64", 2],
    ["linux/arm/v6", undefined],
    ["linux/386", undefined],
    ["linux/s390x", undefined],
  ])("%s is %s", (platform, node) => {
    expect(promisedNode(platform, NODES)).toBe(node);
  });
});

describe("the node that can run a platform", () => {
  test.each([
    ["linux/386", [["linux/arm64"], ["linux/amd64"]], 1],
    ["linux/arm/v6", [["linux/amd64"], ["linux/arm64"], ["linux/arm/v7"]], 2],
    ["linux/arm/v6", [["linux/amd64"], ["linux/arm64"]], 1],
    ["linux/amd64", [["linux/amd64/v4"], ["linux/amd64"]], 1],
    ["linux/amd64/v2", [["linux/amd64"], ["linux/amd64/v3"]], 1],
    ["linux/arm64", [["linux/amd64"], ["linux/arm/v7"]], undefined],
  ])("%s of %j is %s", (platform, nodes, node) => {
    expect(ableNode(platform, nodes)).toBe(node);
  });
});
