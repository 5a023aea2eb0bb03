// Generates proto/gen/buildkit.{js,d.ts} from the .proto files beside it; does nothing when the outputs are newer.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pbjs from "protobufjs-cli/pbjs.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const protos = readdirSync(here).filter((name) => name.endsWith(".proto"));
const outputs = ["buildkit.js", "buildkit.d.ts"];
const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newestInputMs = Math.max(
  ...[...protos, "generate.js"].map((name) => modifiedMs(join(here, name))),
  modifiedMs(join(here, "..", "package-lock.json")),
);
const oldestOutputMs = Math.min(...outputs.map((name) => modifiedMs(join(here, "gen", name))));

if (oldestOutputMs <= newestInputMs) {
  // Written aside and moved: another process may be reading, or generating too.
  const aside = mkdtempSync(join(mkdirs(join(here, "gen")), "new-"));
  // Only what the program uses: messages are plain objects, encoded and decoded, never verified or converted.
  const without = ["create", "verify", "convert", "delimited", "typeurl", "service"].map(
    (what) => `--no-${what}`,
  );
  await promisify(pbjs.main)([
    ...["-t", "static-module", "-w", "esm", "--dts", "--root", "bktui"],
    ...without,
    ...["-p", here, "-o", join(aside, "buildkit.js")],
    ...protos.map((name) => join(here, name)),
  ]);
  for (const name of outputs) renameSync(join(aside, name), join(here, "gen", name));
  rmSync(aside, { recursive: true });
}

function mkdirs(path) {
  mkdirSync(path, { recursive: true });
  return path;
}
