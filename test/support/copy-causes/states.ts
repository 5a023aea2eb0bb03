/** Sources that are sought in stages and by mounts. */
import { type Cause, SEARCHED } from "./causes.ts";

/** A stage with /out/a.bin in it. */
const STAGE = "FROM scratch AS build\nWORKDIR /out\nCOPY app /out\nFROM scratch\n";
const APP = { "app/a.bin": "" };

export const STAGES: readonly Cause[] = [
  {
    name: "a file that a stage does not have",
    files: APP,
    steps: `${STAGE}COPY --from=build /out/b.bin /x/`,
    says: /COPY: "\/out\/b\.bin" is not in stage build$/,
    why: [/^Names that look like it: "\/out\/a\.bin"\.$/, /^\/out is there and holds a\.bin\.$/],
    mended: { steps: `${STAGE}COPY --from=build /out/a.bin /x/` },
  },
  {
    name: "other capitals in a stage",
    files: APP,
    steps: `${STAGE}COPY --from=build /Out/a.bin /x/`,
    says: /COPY: "\/Out\/a\.bin" is not in stage build$/,
    why: [/^There is "\/out\/a\.bin": capitals count\.$/, /^\/ is there and holds out\/\.$/],
    mended: { steps: `${STAGE}COPY --from=build /out/a.bin /x/` },
  },
  {
    name: "a pattern in a directory that a stage does not have",
    files: APP,
    steps: `${STAGE}COPY --from=build /oput/*.bin /x/`,
    says: /COPY: nothing in stage build matches "\/oput\/\*\.bin"$/,
    why: [/^"\/out\/\*\.bin" would match\.$/, /^\/ is there and holds out\/\.$/],
    mended: { steps: `${STAGE}COPY --from=build /out/*.bin /x/` },
  },
  {
    name: "a path from the WORKDIR of a stage",
    files: APP,
    steps: `${STAGE}COPY --from=build a.bin /x/`,
    says: /COPY: "\/a\.bin" is not in stage build$/,
    why: [
      /^There is "\/out\/a\.bin": paths of --from begin at \/, not at the WORKDIR/,
      /^\/ is there and holds out\//,
    ],
    mended: { steps: `${STAGE}COPY --from=build /out/a.bin /x/` },
  },
  {
    name: "a link to nothing in a stage",
    files: { "app/current": { link: "/opt/v1" } },
    steps: `${STAGE}COPY --from=build /out/current /x/`,
    says: /COPY: "\/out\/current" is a link that leads to nothing$/,
    why: [/^\/out\/current is a link to \/opt\/v1\.$/, /^There is no "\/opt\/v1" in stage build\.$/],
  },
  {
    name: "a file below a file of a stage",
    files: APP,
    steps: `${STAGE}COPY --from=build /out/a.bin/b /x/`,
    says: /COPY: "\/out\/a\.bin\/b" is not in stage build$/,
    why: [/^"\/out\/a\.bin" is a file, not a directory\.$/],
  },
];

const mount = (flags: string): string => `RUN --mount=type=bind,${flags},target=/m ["/true"]`;

export const MOUNTS: readonly Cause[] = [
  {
    name: "a mount of nothing",
    files: { "config.json": "" },
    steps: mount("source=confg.json"),
    says: /RUN: mount at \/m: "confg\.json" is not in the context$/,
    why: [/^In the context there is "config\.json"\.$/, SEARCHED],
  },
  {
    name: "a mount of what is ignored",
    files: { "config.json": "", ".dockerignore": "*.json\n" },
    steps: mount("source=config.json"),
    says: /RUN: mount at \/m: "config\.json" is not in the context$/,
    why: [/^It exists, but \.dockerignore line 1 keeps it from the build: \*\.json$/],
  },
  {
    name: "a mount of a pattern",
    files: { "src/a.ts": "" },
    steps: mount("source=src/*.ts"),
    says: /RUN: mount at \/m: "src\/\*\.ts" is not in the context$/,
    why: [
      /^The source of a mount is one path; it takes no patterns\.$/,
      /^In the context there is "src\/a\.ts"\.$/,
      /^src is there and holds a\.ts/,
      SEARCHED,
    ],
  },
  {
    name: "a mount of a link out of the context",
    files: { hosts: { link: "/etc/hosts" } },
    steps: mount("source=hosts"),
    says: /RUN: mount at \/m: "hosts" is a link that leads out of the context$/,
    why: [/^hosts is a link to \/etc\/hosts\.$/, /there is no "etc\/hosts" in it\.$/],
  },
  {
    name: "a mount of a directory on a file",
    files: { a: "x", "d/b": "" },
    steps: `COPY a /m\n${mount("source=d")}`,
    says: /RUN: mount at \/m: a directory cannot be mounted on a file$/,
    why: [],
  },
  {
    name: "a mount of a file on a directory",
    files: { a: "x", "d/b": "" },
    steps: `COPY d /m/\n${mount("source=a")}`,
    says: /RUN: mount at \/m: a file cannot be mounted on a directory$/,
    why: [],
  },
  {
    name: "a mount of what a stage does not have",
    files: APP,
    steps: `${STAGE}${mount("from=build,source=/out/b.bin")}`,
    says: /RUN: mount at \/m: "\/out\/b\.bin" is not in stage build$/,
    why: [/^Names that look like it: "\/out\/a\.bin"\.$/, /^\/out is there and holds a\.bin\.$/],
  },
];

/** Of the wrong kind: what is copied, or what is in its place. */
export const TARGETS: readonly Cause[] = [
  {
    name: "a directory on a file",
    files: { a: "x", "d/b": "" },
    steps: "COPY a /x\nCOPY d /x",
    says: /COPY: a directory cannot be put in place of the file "\/x"$/,
    why: [/^Line 2 copies to it: COPY a \/x$/],
    mended: { steps: "COPY d /x" },
  },
  {
    name: "a file on a directory",
    files: { a: "x", "d/a/b": "" },
    steps: "COPY d /x/\nCOPY a /x/",
    says: /COPY: a file cannot be put in place of the directory "\/x\/a"$/,
    why: [],
    mended: { steps: "COPY d /x/\nCOPY a /x/a" },
  },
  {
    name: "a file in place of a directory with a slash",
    files: { a: "x" },
    steps: "COPY a /x\nCOPY a /x/",
    says: /COPY: "\/x" is a file, and a directory is needed there$/,
    why: [/^Line 2 copies to it: COPY a \/x$/, /^"\/x\/" ends with a slash: that is a directory\.$/],
    mended: { steps: "COPY a /x\nCOPY a /x" },
  },
  {
    name: "a file on the way to the destination",
    files: { a: "x" },
    steps: "COPY a /x\nCOPY a /x/y/z",
    says: /COPY: "\/x" is a file, and a directory is needed there$/,
    why: [/^Line 2 copies to it: COPY a \/x$/],
    mended: { steps: "COPY a /y\nCOPY a /x/y/z" },
  },
  {
    name: "a link to a file on the way to the destination",
    files: { a: "x", "d/f": "", "d/l": { link: "f" } },
    steps: "COPY d /x/\nCOPY a /x/l/",
    says: /COPY: "\/x\/f" is a file, and a directory is needed there$/,
    why: [],
  },
  {
    name: "links in a circle at the destination",
    files: { a: "x", "d/l": { link: "m" }, "d/m": { link: "l" } },
    steps: "COPY d /x/\nCOPY a /x/l/",
    says: /COPY: "\/x\/l" is a link that leads in a circle$/,
    why: [/^\/x\/l is a link to m, \/x\/m to l\.$/],
  },
  {
    name: "a directory of the same name as a file of the same instruction",
    files: { a: "x", "d/a/f": "" },
    steps: "COPY a d /x/",
    says: /COPY: a directory cannot be put in place of the file "\/x\/a"$/,
    why: [/^Another source of the same instruction has put it there/],
    mended: { steps: "COPY a /x/\nCOPY d /y/" },
  },
  {
    name: "a WORKDIR at a file",
    files: { a: "x" },
    steps: "COPY a /x\nWORKDIR /x",
    says: /WORKDIR: "\/x" is a file, and a directory is needed there$/,
    why: [/^Line 2 copies to it: COPY a \/x$/],
    mended: { steps: "WORKDIR /x" },
  },
  {
    name: "a list with single quotes",
    files: { "a.txt": "" },
    steps: "COPY ['a.txt', '/x/']",
    says: /COPY: \['a\.txt', '\/x\/'\] is no list in JSON, and was read as names$/,
    why: [/^Write \["source", "destination"\]/],
    mended: { steps: 'COPY ["a.txt", "/x/"]' },
  },
  {
    name: "a list with a comma too many",
    files: { "a.txt": "" },
    steps: 'COPY ["a.txt", "/x/",]',
    says: /COPY: \["a\.txt", "\/x\/",\] is no list in JSON/,
    why: [/no comma behind the last\.$/],
    mended: { steps: 'COPY ["a.txt", "/x/"]' },
  },
  {
    name: "a bracket that is not closed",
    files: { "d/a[1.txt": "" },
    steps: "COPY d/a[1.txt /x/",
    says: /COPY: "a\[1\.txt" is no pattern$/,
    why: [/\[\[\] stands for a bracket itself\.$/],
    mended: { steps: "COPY d/a[[]1.txt /x/" },
  },
];
