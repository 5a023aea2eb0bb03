/** Failed runs that nobody attends: going on with what can still run, and the summary in their last lines. */
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const base = 'FROM scratch AS base\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

/** Lines 5 and 9 fail; line 12 runs for long enough to be cancelled with the first of them. */
const THREE = `${base}FROM base AS one
RUN echo one fails && exit 4
RUN echo never after one
FROM base AS two
RUN echo two works
RUN echo two fails && exit 5
RUN echo never after two
FROM base AS three
RUN sleep 1 && echo three-$((1 + 2))
FROM base AS all
COPY --from=one /bin /one
COPY --from=two /bin /two
COPY --from=three /bin /three
`;

forEachEngine((engine) => {
  test("--keep-going runs all that needs no failed step, and tells every failure in the last lines", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: THREE } });
    const args = ["--run", "--keep-going", "--no-cache", "--target", "all", "--build-arg", "A=b c", "."];
    const { exitCode, stderr } = await runWithoutTerminal(engine, args, "", { cwd: context.path });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/ three-3$/m);
    expect(stderr).not.toMatch(/\d never after/);
    expect(stderr).toContain("#0 note: all that needs no failed step has run: 2 failures in all");
    // Each is reported with its own output and place.
    expect(stderr).toMatch(/ one fails\n(?:.*\n)*? {3}5 \| >>> RUN echo one/);
    expect(stderr).toMatch(/ two fails\n(?:.*\n)*? {3}9 \| >>> RUN echo two/);
    const block = (step: number, stage: string, line: number, code: number): string =>
      `failed: step ${step}/\\d+\n  target   all\n  stage    ${stage}\n  line     ${line} of Dockerfile\n` +
      `  command  RUN echo ${stage} fails && exit ${code}\n  cause    exit code ${code}.*\n  state    .*\n` +
      `  open     bktui --no-cache --target all --build-arg 'A=b c' \\.\n`;
    expect(stderr).toMatch(new RegExp(`\n\n${block(3, "one", 5, 4)}\n${block(6, "two", 9, 5)}$`));
  });

  test("without it the last lines tell of the failure, and of a refusal", async () => {
    const files = { Dockerfile: `${base}RUN exit 3\n`, "Refused.Dockerfile": "FROM scratch\n\nRUNN x\n" };
    await using context = await busyboxContext({ files });
    const around = { cwd: context.path };
    const failed = await runWithoutTerminal(engine, ["--run", "."], "", around);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(
      /\nfailed: step 3\/3\n {2}target {3}base\n {2}stage {4}base\n {2}line {5}4 of Dockerfile\n {2}command {2}RUN exit 3\n {2}cause {4}exit code 3.*\n {2}state {4}.*\n {2}open {5}bktui \.\n$/,
    );
    const refused = await runWithoutTerminal(engine, ["--run", "-qf", "Refused.Dockerfile", "."], "", around);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      /\nfailed: the build could not go on\n {2}line {5}3 of .*Refused\.Dockerfile\n {2}cause {4}line 3: unknown instruction RUNN, .*\n {2}open {5}bktui --file Refused\.Dockerfile \.\n$/,
    );
  });
});
