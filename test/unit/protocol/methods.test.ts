import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { bridge, control } from "../../../src/protocol/methods.ts";

const protoDirectory = fileURLToPath(new URL("../../../proto/", import.meta.url));

function declaredMethods(service: string): string[] {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => (target.includes("/") ? target : join(protoDirectory, target));
  root.loadSync(
    readdirSync(protoDirectory)
      .filter((name) => name.endsWith(".proto"))
      .map((name) => join(protoDirectory, name)),
  );
  return root.lookupService(service).methodsArray.map(({ name }) => `/${service}/${name}`);
}

const pathsOf = (methods: typeof bridge | typeof control): string[] =>
  Object.values(methods).map(({ path }) => path);

test("the daemon's methods are called where they are declared", () => {
  // Sessions are opened by the transport.
  const declared = declaredMethods("moby.buildkit.v1.Control").filter((path) => !path.endsWith("/Session"));
  expect(pathsOf(control).sort()).toEqual(declared.sort());
});

test("the methods that can crash a daemon are not among those that anybody can call", () => {
  const service = "moby.buildkit.v1.frontend.LLBBridge";
  const guarded = ["NewContainer", "ExecProcess", "Return"].map((name) => `/${service}/${name}`);
  const open = declaredMethods(service).filter((path) => !guarded.includes(path));
  expect(pathsOf(bridge).sort()).toEqual(open.sort());
});

test("text that is not UTF-8 does not make a message unreadable", () => {
  // Vertex{name: "\xff!"}, as BuildKit 0.8 sends a Dockerfile's Latin-1 text on.
  const status = control.status.decode(Buffer.of(0x0a, 4, 0x1a, 2, 0xff, 0x21));
  expect(status.vertexes?.[0]?.name).toBe("\ufffd!");
});
