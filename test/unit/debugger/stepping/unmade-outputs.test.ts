import { describe, expect, it } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { DebugDriver } from "../../../support/debug-driver.ts";
import { fxProgram } from "../../../support/graphs.ts";

const fx = (): DebugDriver => DebugDriver.launched(fxProgram(), { lines: [] });

describe("outputs that could not be made", () => {
  const problem = new BktuiError("io", "cannot write out: no space left on the device");

  it("leave the target built, to be looked at, and are made again by continue", () => {
    const driver = fx().give("continue").solved();
    driver.apply({ kind: "solve-broken", token: driver.token, error: problem });
    expect(driver.where).toBe("finished");
    expect(driver.state.phase).toMatchObject({ problem, outputs: [] });
    expect(driver.effects).toEqual([]);
    expect(driver.give("continue").where).toBe("finishing");
    expect(driver.effects).toEqual([{ kind: "make-outputs", token: driver.token }]);
    driver.apply({ kind: "outputs-made", token: driver.token, imageId: undefined });
    expect(driver.state.phase).not.toHaveProperty("problem");
    expect(driver.refusal("continue")).toBe("the build has finished");
  });

  it("are lost with the engine", () => {
    const driver = fx().give("continue").solved();
    const error = new BktuiError("engine-unreachable", "gone");
    driver.apply({ kind: "solve-broken", token: driver.token, error });
    expect(driver.where).toContain("lost");
  });
});
