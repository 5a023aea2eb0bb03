import { expect, test } from "vitest";
import { parseHierarchies } from "../../../../../src/engine/private/daemon/cgroup.ts";

test("finds the unified hierarchy and the memory controller of the old ones", () => {
  const mountinfo = [
    "22 27 0:21 / /proc rw,nosuid - proc proc rw",
    "29 28 0:26 / /sys/fs/cgroup/unified rw,relatime shared:5 master:1 - cgroup2 cgroup2 rw,nsdelegate",
    "32 28 0:29 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
    "33 28 0:30 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct",
    "",
  ].join("\n");
  expect(parseHierarchies(mountinfo)).toEqual([
    { mountPoint: "/sys/fs/cgroup/unified", kind: "v2" },
    { mountPoint: "/sys/fs/cgroup/memory", kind: "v1-memory" },
    { mountPoint: "/sys/fs/cgroup/cpu", kind: "v1-other" },
  ]);
});
