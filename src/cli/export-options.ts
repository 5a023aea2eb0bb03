/** Options for what is kept of a build that fails. What they mean is in console/exports/failure-export.ts and console/bundles/. */
import { Option } from "commander";
import { EXPORT_TYPES } from "../console/exports/read-export.ts";
import { oneOf } from "./options/one-of.ts";
import { collecting } from "./options/row-options.ts";

export function exportOptions(): readonly Option[] {
  return [
    new Option("--export-on-failure", "export the state of a failed step, by default into docker's store"),
    oneOf("--export-type <type>", "as what", EXPORT_TYPES),
    new Option("--export-path <path>", "file or directory for tarball, oci, tar and local"),
    new Option("--export-ref <name>", "name of the image"),
    oneOf("--export-state <state>", "what the step began with, what it left, or both", [
      "failed",
      "base",
      "both",
    ]),
    new Option("--export-rebuild", "run the failed command again for it"),
    new Option("--export-all", "the states of all failed steps, under numbered names"),
    oneOf("--export-secrets <policy>", "what to do where the value of a secret is found in it", [
      "refuse",
      "allow",
    ]),
    new Option("--export-force", "replace files and images that are there"),
    new Option(
      "--bundle <file>",
      "when a run that nobody attends fails, write all that is known about it to a file, for bktui open",
    ),
    new Option("--bundle-state", "with the state of the failed step in it"),
    new Option("--bundle-force", "replace the file when it is there"),
    collecting(
      new Option(
        "--failed-output <output>",
        "export as -o does: type=registry,ref=NAME, type=oci,dest=FILE, DIR",
      ),
    ),
  ];
}
