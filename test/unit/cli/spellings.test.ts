import { Option } from "commander";
import { expect, test } from "vitest";
import { canonical } from "../../../src/cli/spellings.ts";

const options = [
  new Option("-f, --file <file>"),
  new Option("-q, --quiet"),
  new Option("-D, --debug"),
  new Option("--no-cache"),
  new Option("--memory-swap <bytes>"),
];

test.each<[string, readonly string[], readonly string[]]>([
  ["a short option with its value in the same word", ["-fX"], ["--file", "X"]],
  ["a short option with =", ["-f=X"], ["--file", "X"]],
  ["a short option in two words", ["-f", "X"], ["--file", "X"]],
  ["a long option with =", ["--file=a=b"], ["--file", "a=b"]],
  ["an empty value", ["--file="], ["--file", ""]],
  ["switches in front of a short option", ["-Dqf", "X"], ["--debug", "--quiet", "--file", "X"]],
  ["switches and a value in one word", ["-Dqf=X"], ["--debug", "--quiet", "--file", "X"]],
  ["a value that looks like an option", ["--memory-swap", "-1", "."], ["--memory-swap", "-1", "."]],
  ["a switch with a value", ["--quiet=1", "--no-cache=T"], ["--quiet", "--no-cache"]],
  ["a short switch with a value", ["-q=true", "-D=false"], ["--quiet"]],
  ["the last one of a switch", ["--quiet", "--quiet=false", "--no-cache=0", "--no-cache"], ["--no-cache"]],
  ["a switch's name as a value", ["-f", "--quiet", "--quiet=false"], ["--file", "--quiet"]],
  ["words that are no options", ["a", "-", "b"], ["a", "-", "b"]],
  ["what is behind --", ["--", "--quiet", "/a"], ["./--quiet", "/a"]],
  ["a mistyped option, without its value", ["--secrte=id=x", "."], ["--secrte", "id=x", "."]],
  ["an unknown short option", ["-qx", "."], ["-qx", "."]],
])("%s", (_name, argv, expected) => {
  expect(canonical(argv, options)).toEqual(expected);
});
