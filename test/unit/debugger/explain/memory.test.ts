import { expect, test } from "vitest";
import { memoryIn } from "../../../../src/debugger/explain/answer.ts";

const MACHINE = "MemTotal:        8000000 kB\nMemFree:         1000000 kB\n";

test.each([
  ["cgroup v1", `cache 0\nhierarchical_memory_limit 67108864\n${MACHINE}`, 67_108_864],
  ["cgroup v2", `67108864\n${MACHINE}`, 67_108_864],
  ["cgroup v1 without a limit", `hierarchical_memory_limit 9223372036854771712\n${MACHINE}`, undefined],
  ["cgroup v2 without a limit", `max\n${MACHINE}`, undefined],
  ["no cgroup that can be seen", MACHINE, undefined],
])("the memory of a step is that of its machine, or less: %s", (_place, text, limit) => {
  expect(memoryIn(text)).toEqual({ kind: "memory", limit, machine: 8_192_000_000 });
});
