/** Dockerfiles that nobody writes on purpose, and some that are only long: the same bytes in every run. */
import { hostileText } from "./hostile-text.ts";
import { numbersFrom } from "./seeded-numbers.ts";

export interface StrangeDockerfile {
  readonly name: string;
  readonly bytes: Buffer;
  /** Where the mistake is, when engines that name a line name another. */
  readonly line: number | undefined;
}

const MANY = 10_000;
/** A build that ends well on any engine, without a network and without running anything. */
const GOOD = "FROM scratch\nCOPY Dockerfile /\n";
const NOT_UTF8 = Buffer.from([0xff, 0xfe, 0xc3, 0x28]);

const MADE: Readonly<Record<string, string | Buffer>> = {
  empty: "",
  "comments only": "# one\n#two\n  # three\n",
  "random bytes": randomBytes(4096, 1),
  "a program": Buffer.concat([Buffer.from("7f454c46020101000000000000000000", "hex"), randomBytes(2000, 2)]),
  "UTF-16, low bytes first": Buffer.from(`\ufeff${GOOD}`, "utf16le"),
  "UTF-16, high bytes first": Buffer.from(`\ufeff${GOOD}`, "utf16le").swap16(),
  "a byte order mark": `\ufeff${GOOD}`,
  "carriage returns for line ends": GOOD.replaceAll("\n", "\r"),
  "CRLF, continuations": "FROM scratch\r\nLABEL a=b \\\r\n  # comment\r\n\r\n  c=d\r\nCOPY Dockerfile /\r\n",
  "NUL in a comment and a label": `# a\0b\n${GOOD}LABEL a="b\0c"\n`,
  "a line of 70 KB": `${GOOD}LABEL long=${"x".repeat(70_000)}\n`,
  "an open heredoc": `${GOOD}RUN <<EOF\necho\n`,
  "a continuation at the end": `${GOOD}LABEL a=b \\`,
  // The time that engines need for them grows with the square of their number.
  "1,000 ENV": `${GOOD}${numbered(1000, (n) => `ENV E${n}=${n}`)}`,
  "10,000 LABEL": `${GOOD}${numbered(MANY, (n) => `LABEL l${n}=${n}`)}`,
  "10,000 stages": `${numbered(MANY, (n) => `FROM scratch AS s${n}`)}${GOOD}`,
  "invalid UTF-8 in ENV": Buffer.concat([Buffer.from(`${GOOD}ENV A=`), NOT_UTF8]),
  "invalid UTF-8 in RUN": Buffer.concat([Buffer.from(`${GOOD}RUN : `), NOT_UTF8]),
  "invalid UTF-8 for an instruction": Buffer.concat([Buffer.from(GOOD), NOT_UTF8, Buffer.from(" x\n")]),
  "escapes for an instruction": `${GOOD}\n${hostileText.replaceAll("\0", "")} x\n`,
  "an unknown flag": `${GOOD}COPY --frm=scratch a b\n`,
  "no FROM": "COPY Dockerfile /\n",
  "a frontend that does not exist": `# syntax=nonsense \u001b[31m\n${GOOD}`,
  "a wrong escape": `# escape=x\n${GOOD}`,
  "another escape": `# escape=\`\nFROM scratch\nCOPY \`\n  Dockerfile C:\\dir\\\nLABEL a=b\n`,
  "an ONBUILD of an ONBUILD": `${GOOD}ONBUILD ONBUILD RUN x\n`,
  "stages of one name": `FROM scratch AS a\nCOPY Dockerfile /1\nFROM scratch AS a\nCOPY --from=a Dockerfile /2\n`,
  "an ARG before FROM": `ARG base=scratch\nFROM \${base}\nCOPY Dockerfile /\n`,
  "an ARG that is missing": `FROM \${base}\nCOPY Dockerfile /\n`,
  "an open quote": `${GOOD}LABEL a="b\nLABEL c=d\n`,
};

export const strangeDockerfiles: readonly StrangeDockerfile[] = Object.entries(MADE).map(([name, made]) => ({
  name,
  bytes: Buffer.from(made),
  line: name === "a line of 70 KB" ? 3 : undefined,
}));

function numbered(count: number, line: (number: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join("");
}

function randomBytes(count: number, seed: number): Buffer {
  const below = numbersFrom(seed);
  return Buffer.from(Array.from({ length: count }, () => below(256)));
}
