/** The beginning of a program in the Executable and Linkable Format: for which machine it is, and who loads it. */

export interface Elf {
  /** As platforms name it, e.g. "arm64"; undefined for a machine that containers are not built for. */
  readonly machine: string | undefined;
  /** Path of the loader (PT_INTERP); undefined for a static program, and where it lies further down in the file. */
  readonly interpreter: string | undefined;
}

const PPC64 = 21;
const MACHINES: ReadonlyMap<number, string> = new Map([
  [3, "386"],
  [8, "mips"],
  [20, "ppc"],
  [PPC64, "ppc64le"],
  [22, "s390x"],
  [40, "arm"],
  [62, "amd64"],
  [183, "arm64"],
  [243, "riscv64"],
  [258, "loong64"],
]);
const PT_INTERP = 3;

/** @param head the file's first bytes, a character each. Undefined when it is something else. */
export function elfIn(head: string): Elf | undefined {
  const bytes = Buffer.from(head, "latin1");
  // Up to e_machine.
  if (!head.startsWith("\u007fELF") || bytes.length < 20) return undefined;
  const is64 = bytes[4] === 2;
  const isLittle = bytes[5] !== 2;
  const short = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  // Of a 64-bit number that is small enough to lie in these bytes.
  const size = (at: number): number => (is64 && !isLittle ? long(at + 4) : long(at));
  const number = short(18);
  const machine = number === PPC64 && !isLittle ? "ppc64" : MACHINES.get(number);
  if (bytes.length < (is64 ? 64 : 52)) return { machine, interpreter: undefined };
  const table = size(is64 ? 32 : 28);
  const entrySize = short(is64 ? 54 : 42);
  const count = short(is64 ? 56 : 44);
  for (let index = 0; index < count; index++) {
    const at = table + index * entrySize;
    if (at + (is64 ? 56 : 32) > bytes.length) break;
    if (long(at) !== PT_INTERP) continue;
    const from = size(at + (is64 ? 8 : 4));
    const length = size(at + (is64 ? 32 : 16));
    if (length < 2 || from + length > bytes.length) break;
    const path = bytes.toString("utf8", from, from + length - 1);
    return { machine, interpreter: path };
  }
  return { machine, interpreter: undefined };
}
