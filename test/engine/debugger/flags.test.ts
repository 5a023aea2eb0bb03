/** What is said of the flags that a frontend takes, compared with what it takes. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import type { Explanation } from "../../../src/debugger/explain/explanation.ts";
import { FLAGS } from "../../../src/debugger/explain/instructions.ts";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { createDebugger } from "../../../src/debugger/runtime.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const { signal } = new AbortController();

interface Asking extends AsyncDisposable {
  /** What is said when a file with this line is opened. */
  about(line: string): Promise<Explanation | undefined>;
}

async function asking({ dockerHost, kind }: TestEngine): Promise<Asking> {
  const scope = new Scope();
  const address = parseAddress(dockerHost, kind);
  const engine = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env: {} }));
  const context = await mkdtemp(join(tmpdir(), "bktui-flags-"));
  scope.defer(() => rm(context, { recursive: true }));
  const dockerfile = join(context, "Dockerfile");
  return {
    about: async (line) => {
      const text = `FROM scratch\n${line}\n`;
      await writeFile(dockerfile, text);
      await using debug = createDebugger(engine);
      debug.dispatch({
        kind: "launch",
        request: { ...REQUEST, source: fromDockerfile(context, dockerfile) },
        stopOnEntry: true,
      });
      await debug.rest();
      return await lookAndExplain(debug, text, { signal });
    },
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

forEachEngine((engine) => {
  test.each(["COPY", "ADD", "RUN"])(
    "a frontend is said to know the flags of %s that it takes, and no others",
    async (word) => {
      await using ask = await asking(engine);
      const explanation = await ask.about(`${word} --qqqqqqqq a b`);
      const listed = explanation?.why.map((each) => /^\w+ knows (.*)\.$/.exec(each)?.[1]).find(Boolean) ?? "";
      const known = listed.split(", ").map((flag) => flag.slice(2));
      for (const flag of FLAGS.get(word) ?? []) {
        // A flag without its value, or a line that means nothing, is refused in other words.
        const refused = (await ask.about(`${word} --${flag} a b`))?.headline ?? "";
        expect(refused.includes(`unknown flag --${flag}`), `${word} --${flag}`).toBe(!known.includes(flag));
      }
      expect(known).toContain(word === "RUN" ? "mount" : "chown");
    },
  );

  test("a flag is offered in place of another one only where the frontend takes it", async () => {
    await using ask = await asking(engine);
    const said = (await ask.about("COPY --form=x a b"))?.headline;
    expect(said).toBe("line 2: COPY: unknown flag --form, did you mean --from?");
    const linked = await ask.about("COPY --lnik a b");
    const takesLink = engine.keepsFailedState;
    expect(linked?.headline).toBe(
      `line 2: COPY: unknown flag --lnik${takesLink ? ", did you mean --link?" : ""}`,
    );
    expect(linked?.why.some((each) => each.includes("newer reader"))).toBe(!takesLink);
  });

  test("a number that is no stage's is told at its line", async () => {
    await using ask = await asking(engine);
    expect(await ask.about("COPY --from=7 /a /b")).toMatchObject({ headline: "line 2: no stage 7 above it" });
  });
});
