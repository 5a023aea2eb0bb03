/** Results as text for the one who waits, and as the table of docs/benchmarks.md. */
import { readFile, writeFile } from "node:fs/promises";
import { median, percentile, type Row } from "./figure.ts";

const BEGIN = "<!-- written by npm run bench -->";
const END = "<!-- end -->";
const HEAD = ["| what | bktui | peer | | target | limited by |", "| --- | --- | --- | --- | --- | --- |"];

export function shown(row: Row): string {
  const sides = [`    bktui: ${spread(row.ours, row)}`];
  const { what, samples } = row.peer;
  if (samples.length > 0) sides.push(`    ${what}: ${spread(samples, row)}`);
  else if (what !== "") sides.push(`    ${what}`);
  return `${row.what}\n${sides.join("\n")}\n    ${verdict(row)}\n`;
}

function spread(samples: readonly number[], { unit }: Row): string {
  const figure = (share: number): string => `${number(percentile(samples, share))} ${unit}`;
  return `median ${figure(0.5)}, p95 ${figure(0.95)}, n ${samples.length}`;
}

function verdict(row: Row): string {
  const { target, unit } = row;
  const ratio = row.peer.samples.length === 0 ? "" : `ratio ${ratioOf(row)}`;
  if (target === undefined) return ratio;
  const isMet = median(row.ours) <= target.allowed;
  const words = `${isMet ? "met" : "missed"}: at most ${target.words} = ${number(target.allowed)} ${unit}`;
  return ratio === "" ? words : `${ratio}, ${words}`;
}

function ratioOf({ ours, peer }: Row): string {
  return (median(ours) / median(peer.samples)).toFixed(2);
}

function number(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function tableLine(row: Row): string {
  const { what, ours, peer, target, unit, limit } = row;
  const side = (samples: readonly number[]): string =>
    `${number(median(samples))} ${unit}, n ${samples.length}`;
  const beside = peer.samples.length === 0 ? peer.what : `${peer.what}: ${side(peer.samples)}`;
  const ratio = peer.samples.length === 0 ? "" : ratioOf(row);
  const isMet = target !== undefined && median(ours) <= target.allowed;
  const goal =
    target === undefined
      ? ""
      : `${isMet ? "met" : "**missed**"}: ${target.words} (${number(target.allowed)} ${unit})`;
  return `| ${what} | ${side(ours)} | ${beside} | ${ratio} | ${goal} | ${limit} |`;
}

/** Replaces the rows that were measured, and keeps the others. */
export async function writeTable(path: string, rows: readonly Row[], machine: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const [before = "", rest = ""] = text.split(BEGIN);
  const [old = "", after = ""] = rest.split(END);
  const lines = old.split("\n").filter((line) => line.startsWith("| ") && !HEAD.includes(line));
  for (const row of rows) {
    const line = tableLine(row);
    const index = lines.findIndex((known) => keyOf(known) === keyOf(line));
    if (index === -1) lines.push(line);
    else lines[index] = line;
  }
  const table = [BEGIN, "", machine, "", ...HEAD, ...lines, "", END].join("\n");
  await writeFile(path, `${before}${table}${after}`);
}

/** What is measured, and beside what: a peer that hung in one run is the same one. */
function keyOf(line: string): string {
  const [what = "", , peer = ""] = line.split(" | ");
  return `${what} | ${peer.split(/[:,]/)[0]}`;
}
