/** Every driver that bktui does not know, by way of buildx, which knows it. */
import { BktuiError } from "../../../../base/errors.ts";
import { differences, findBuildx } from "../programs.ts";
import type { Driver } from "./driver.ts";

/** buildx 0.13 and later have dial-stdio; it starts the builder, and takes the node for the platform. */
export const dialStdio: Driver = async (builder, _node, { env, platform, mayStart }) => {
  const buildx = await findBuildx(env);
  if (buildx === undefined) throw noBuildx(builder.driver);
  // buildx starts what it dials.
  if (!mayStart)
    throw new BktuiError("not-now", `buildx reaches its driver ${builder.driver}, when the builder is used`);
  const words = ["--builder", builder.name, "dial-stdio"];
  // It takes one; the node for it gets them all.
  const [first] = platform?.split(",") ?? [];
  const args = [...buildx.args, ...words, ...(first === undefined ? [] : ["--platform", first])];
  const text = `${builder.driver} builder ${builder.name}`;
  const command = { ...buildx, args, env: differences(env) };
  return { kind: "buildkitd", socket: { ...command, kind: "command", speaks: "buildkitd", text }, text };
};

function noBuildx(driver: string): BktuiError {
  return new BktuiError(
    "unsupported",
    `its driver is "${driver}", which buildx reaches, and there is no buildx on PATH`,
    {
      hint: "Install it: Debian and Ubuntu have it as docker-buildx, Docker's own packages as docker-buildx-plugin.",
    },
  );
}
