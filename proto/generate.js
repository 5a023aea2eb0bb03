// Generates proto/gen/buildkit.{js,d.ts} from the .proto files beside it; does nothing when the outputs are newer.
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pbjs from "protobufjs-cli/pbjs.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const protos = readdirSync(here).filter((name) => name.endsWith(".proto"));
const output = join(here, "gen", "buildkit.js");
const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newestInputMs = Math.max(
  ...[...protos, "generate.js"].map((name) => modifiedMs(join(here, name))),
  modifiedMs(join(here, "..", "package-lock.json")),
);
const oldestOutputMs = Math.min(modifiedMs(output), modifiedMs(output.replace(/\.js$/, ".d.ts")));

if (oldestOutputMs <= newestInputMs) {
  mkdirSync(join(here, "gen"), { recursive: true });
  // Only what the program uses: messages are plain objects, encoded and decoded, never verified or converted.
  const without = ["create", "verify", "convert", "delimited", "typeurl", "service"].map(
    (what) => `--no-${what}`,
  );
  await promisify(pbjs.main)([
    ...["-t", "static-module", "-w", "esm", "--dts", "--root", "bktui"],
    ...without,
    ...["-p", here, "-o", output],
    ...protos.map((name) => join(here, name)),
  ]);
}
