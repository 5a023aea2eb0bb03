import { expect, test } from "vitest";
import { fullHost } from "../../../../../src/engine/locate/docker/host.ts";

/** As `DOCKER_HOST=… docker context inspect default` of docker 28.5 answered. */
test.each([
  ["far:2375", "tcp://far:2375"],
  ["far", "tcp://far:2375"],
  ["tcp://far", "tcp://far:2375"],
  ["tcp://far:2376", "tcp://far:2376"],
  ["tcp://", "tcp://localhost:2375"],
  [":5000", "tcp://localhost:5000"],
  ["tcp://:5000", "tcp://localhost:5000"],
  ["tcp://[::1]:99", "tcp://[::1]:99"],
  ["tcp://far/path", "tcp://far:2375/path"],
  [" far:1 ", "tcp://far:1"],
  ["unix://", "unix:///var/run/docker.sock"],
  ["unix:///x.sock", "unix:///x.sock"],
  ["ssh://me@far", "ssh://me@far"],
  ["fd://x", "fd://x"],
])("docker's client understands %j as %s", (text, host) => {
  expect(fullHost(text)).toBe(host);
});
