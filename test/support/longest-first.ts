/**
 * The order of the test files: those that take long begin first, whichever project they belong to, so that all workers
 * end at about the same time. vitest itself knows how long they take from an earlier run only, which CI does not have.
 */
import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest first; what is not named here begins after them, by its size. */
const LONGEST = `
engine/debugger/walk-is-build
engine/debugger/causes
faults/engine-debugged
engine/cli/docker-options
faults/leftovers
faults/client-suspended
engine/fidelity
engine/cli/twenty-lines
e2e/scenarios/failing
e2e/failure-table
engine/cli/surroundings
e2e/registry
engine/debugger/failures
engine/debugger/shell
engine/cli/outputs
e2e/scenarios/stepping
e2e/leaving
e2e/terminal-guard
e2e/node-versions
engine/debugger/exports
faults/many-questions
faults/strange-dockerfiles
faults/engine-lost-lines
faults/odd-trees
e2e/addresses
engine/debugger/emptied-caches
engine/debugger/copy-causes
engine/private/private-engine
engine/private/leaks
e2e/open
e2e/attach
engine/debugger/files
engine/debugger/scarce-engines
`
  .trim()
  .split("\n")
  .map((name) => `test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((one, other) => placeOf(one) - placeOf(other));
  }
}
