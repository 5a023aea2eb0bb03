/** Why a COPY, an ADD or a mount does not find its source: one small context per cause. */

/** Text of a file; where a link leads; "" below a name that ends with "/" is an empty directory. */
export type Tree = Readonly<Record<string, string | { readonly link: string }>>;

export interface Cause {
  readonly name: string;
  readonly files: Tree;
  /** What comes behind `FROM scratch`; a text with a FROM is a whole Dockerfile. */
  readonly steps: string;
  readonly says: RegExp;
  /** In the sentences below, in order; all that is to be there. */
  readonly why: readonly RegExp[];
  /** What may not be said. */
  readonly never?: RegExp;
  /** The change that the sentences ask for: with it, the build passes. Those that they spell out are tried anyway. */
  readonly mended?: { readonly files?: Tree; readonly steps?: string };
}

export const SEARCHED = /^Sought in the context \//;

export const PATTERNS: readonly Cause[] = [
  {
    name: "a pattern without a match",
    files: { "src/a.ts": "" },
    steps: "COPY src/*.rs /x/",
    says: /COPY: nothing in the context matches "src\/\*\.rs"$/,
    why: [/^src is there and holds a\.ts\.$/, SEARCHED],
  },
  {
    name: "a set of characters without a match",
    files: { "src/a.ts": "" },
    steps: "COPY src/[bc].ts /x/",
    says: /nothing in the context matches "src\/\[bc\]\.ts"$/,
    why: [/^src is there and holds a\.ts\.$/, SEARCHED],
  },
  {
    name: "a pattern in a directory that is not there",
    files: { "src/a.ts": "" },
    steps: "COPY scr/*.ts /x/",
    says: /nothing in the context matches "scr\/\*\.ts"$/,
    why: [/^"src\/\*\.ts" would match\.$/, SEARCHED],
  },
  {
    name: "a pattern for a directory without a match in it",
    files: { "packages/one/index.ts": "" },
    steps: "COPY packages/*/package.json /x/",
    says: /nothing in the context matches "packages\/\*\/package\.json"$/,
    why: [/^packages\/one is there and holds index\.ts\.$/, SEARCHED],
  },
  {
    name: "a pattern whose match is elsewhere",
    files: { "src/a.ts": "", "lib/main.rs": "" },
    steps: "COPY src/*.rs /x/",
    says: /nothing in the context matches "src\/\*\.rs"$/,
    why: [/^Names that match are elsewhere: "lib\/main\.rs"\.$/, /^src is there/, SEARCHED],
  },
  {
    name: "a pattern that would match with other capitals",
    files: { "src/A.RS": "" },
    steps: "COPY src/*.rs /x/",
    says: /nothing in the context matches "src\/\*\.rs"$/,
    why: [/^There is "src\/A\.RS": capitals count\.$/, /^src is there/, SEARCHED],
  },
  {
    name: "a pattern in an empty directory",
    files: { "dist/": "" },
    steps: "COPY dist/* /x/",
    says: /nothing in the context matches "dist\/\*"$/,
    why: [/^dist is there and holds nothing\.$/, SEARCHED],
  },
  {
    name: "a pattern below a file",
    files: { dist: "x" },
    steps: "COPY dist/* /x/",
    says: /nothing in the context matches "dist\/\*"$/,
    why: [/^"dist" is a file, not a directory\.$/, SEARCHED],
  },
  {
    name: "a name with brackets",
    files: { "app/a[1].txt": "" },
    steps: "COPY app/a[1].txt /x/",
    says: /"app\/a\[1\]\.txt" is taken for a pattern$/,
    why: [/The name itself is written "app\/a\[\[\]1\]\.txt"\.$/],
  },
  {
    name: "a pattern behind a link to nothing",
    files: { src: { link: "gone" } },
    steps: "COPY src/*.ts /x/",
    says: /"src\/\*\.ts" goes through a link that leads to nothing$/,
    why: [/^src is a link to gone\.$/, /^There is no "gone" in the context\.$/],
    mended: { files: { "gone/a.ts": "" } },
  },
  {
    name: "a pattern that matches a link to nothing",
    files: { "src/a.ts": { link: "gone" } },
    steps: "COPY src/*.ts /x/",
    says: /"src\/\*\.ts" matches a link that leads to nothing$/,
    why: [/^src\/a\.ts is a link to gone\.$/, /^There is no "src\/gone" in the context\.$/],
    mended: { files: { "src/gone": "" } },
  },
];

export const IGNORED: readonly Cause[] = [
  {
    name: "a match that is ignored",
    files: { "dist/a.whl": "", ".dockerignore": "# no docs\n*.md\ndist/*.whl\n" },
    steps: "COPY dist/*.whl /x/",
    says: /all that matches "dist\/\*\.whl" is kept from the build$/,
    why: [/^"dist\/a\.whl" matches, but \.dockerignore line 3 keeps it from the build: dist\/\*\.whl$/],
  },
  {
    name: "matches in a directory that is ignored",
    files: { "dist/a.whl": "", "dist/b.whl": "", ".dockerignore": "dist\n" },
    steps: "COPY dist/*.whl /x/",
    says: /all that matches "dist\/\*\.whl" is kept/,
    why: [
      /^"dist\/a\.whl", "dist\/b\.whl" match, but \.dockerignore line 1 keeps them from the build: dist$/,
    ],
  },
  {
    name: "matches that two rules hide",
    files: { "dist/a.whl": "", "dist/b.whl": "", ".dockerignore": "**/a.*\ndist/b*\n" },
    steps: "COPY dist/*.whl /x/",
    says: /all that matches "dist\/\*\.whl" is kept/,
    why: [/match, but \.dockerignore lines 1 and 2 keep them from the build: \*\*\/a\.\*, dist\/b\*$/],
  },
  {
    name: "a file in a directory that is ignored",
    files: { "dist/app.js": "", ".dockerignore": "dist\n" },
    steps: "COPY dist/app.js /x/",
    says: /"dist\/app\.js" is not in the context$/,
    why: [/^It exists, but \.dockerignore line 1 keeps it from the build: dist$/],
  },
  {
    name: "a file that two rules hide",
    files: { "dist/app.js": "", ".dockerignore": "dist\n!dist/*.js\n*/*.js\n**/app.*\n" },
    steps: "COPY dist/app.js /x/",
    says: /"dist\/app\.js" is not in the context$/,
    why: [/^It exists, but \.dockerignore lines 3 and 4 keep it from the build: \*\/\*\.js, \*\*\/app\.\*$/],
  },
  {
    name: "a negation that brings back something else",
    files: { "dist/a.whl": "", "dist/b.whl": "", ".dockerignore": "dist\n!dist/b.whl\n" },
    steps: "COPY dist/a.whl /x/",
    says: /"dist\/a\.whl" is not in the context$/,
    why: [/^It exists, but \.dockerignore line 1 keeps it from the build: dist$/],
  },
  {
    name: "the ignore file of the Dockerfile",
    files: { "dist/a.whl": "", ".dockerignore": "", "Dockerfile.dockerignore": "*\n!src\n" },
    steps: "COPY dist/a.whl /x/",
    says: /"dist\/a\.whl" is not in the context$/,
    why: [/^It exists, but Dockerfile\.dockerignore line 1 keeps it from the build: \*$/],
  },
  {
    name: "a directory that is ignored with all that is in it",
    files: { "dist/a.whl": "", ".dockerignore": "dist\n!src\n" },
    steps: "COPY dist /x/",
    says: /"dist" is not in the context$/,
    why: [/^It exists, but \.dockerignore line 1 keeps it from the build: dist$/],
  },
  {
    name: "the Dockerfile itself",
    files: { ".dockerignore": "Dockerfile\n" },
    steps: "COPY Dockerfile /x/",
    says: /"Dockerfile" is not in the context$/,
    why: [/^It exists, but \.dockerignore line 1 keeps it from the build: Dockerfile$/],
  },
  {
    name: "a link to what is ignored",
    files: { current: { link: "v1" }, v1: "", ".dockerignore": "v1\n" },
    steps: "COPY current /x/",
    says: /"current" is a link to what is kept from the build$/,
    why: [/^current is a link to v1, which exists, but \.dockerignore line 1 keeps it from the build: v1$/],
  },
  {
    name: "an ignored name is not offered in place of a mistyped one",
    files: { "dist/a.whl": "", ".dockerignore": "dist\n" },
    steps: "COPY dits/a.whl /x/",
    says: /"dits\/a\.whl" is not in the context$/,
    why: [SEARCHED],
  },
];

export const LINKS: readonly Cause[] = [
  {
    name: "a link to nothing",
    files: { current: { link: "v1" } },
    steps: "COPY current /x/",
    says: /"current" is a link that leads to nothing$/,
    why: [/^current is a link to v1\.$/, /^There is no "v1" in the context\.$/],
    mended: { files: { v1: "" } },
  },
  {
    name: "a link to a link to nothing",
    files: { current: { link: "v1" }, v1: { link: "v2/bin" } },
    steps: "COPY current /x/",
    says: /"current" is a link that leads to nothing$/,
    why: [/^current is a link to v1, v1 to v2\/bin\.$/, /^There is no "v2\/bin" in the context\.$/],
    mended: { files: { "v2/bin": "" } },
  },
  {
    name: "a path through a link to nothing",
    files: { current: { link: "v1" } },
    steps: "COPY current/app /x/",
    says: /"current\/app" goes through a link that leads to nothing$/,
    why: [/^current is a link to v1\.$/, /^There is no "v1" in the context\.$/],
    mended: { files: { "v1/app": "" } },
  },
  {
    name: "a link out of the context",
    files: { hosts: { link: "/etc/hosts" } },
    steps: "COPY hosts /x/",
    says: /"hosts" is a link that leads out of the context$/,
    why: [
      /^hosts is a link to \/etc\/hosts\.$/,
      /^A build sees nothing outside .* there is no "etc\/hosts" in it\.$/,
    ],
    mended: { files: { "etc/hosts": "" } },
  },
  {
    name: "a link that climbs out of the context",
    files: { "conf/shared": { link: "../../shared" } },
    steps: "COPY conf/shared/app.ini /x/",
    says: /"conf\/shared\/app\.ini" goes through a link that leads out of the context$/,
    why: [/^conf\/shared is a link to \.\.\/\.\.\/shared\.$/, /there is no "shared" in it\.$/],
    mended: { files: { "shared/app.ini": "" } },
  },
  {
    name: "links in a circle",
    files: { one: { link: "two" }, two: { link: "one" } },
    steps: "COPY one /x/",
    says: /"one" is a link that leads in a circle$/,
    why: [/^one is a link to two, two to one\.$/],
  },
  {
    name: "a path that a link leads to has no such file",
    files: { current: { link: "v1" }, "v1/app.js": "" },
    steps: "COPY current/ap.js /x/",
    says: /"current\/ap\.js" is not in the context$/,
    why: [/^In the context there is "v1\/app\.js"\.$/, /^v1 is there and holds app\.js\.$/, SEARCHED],
  },
];
