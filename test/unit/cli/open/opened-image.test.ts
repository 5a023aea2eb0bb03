import { expect, test } from "vitest";
import { stateFile } from "../../../../src/cli/open/opened-image.ts";
import type { ImageFile } from "../../../../src/engine/record.ts";
import { digestOf } from "../../../support/graphs.ts";

function image(part: Partial<ImageFile>): ImageFile {
  const none = async () => undefined;
  const plain = { labels: {}, env: [], user: "", directory: "", layers: 1, others: 0 };
  return { digest: digestOf("x"), ...plain, unpack: none, unpackLayer: none, ...part };
}

test("an image of one layer becomes a stage with its environment, directory and user", () => {
  const env = ['A=x "y" $z \\\\', "1=no", "B=two\nlines", "C="];
  const { text, notes } = stateFile({
    path: "/s.tar",
    image: image({
      env,
      user: "app",
      directory: "/w d",
      labels: { "dev.bktui.state": "failed", "dev.bktui.line": "3\nRUN evil", "dev.bktui.exit-code": "2" },
    }),
  });
  expect(text.split("\n")).toEqual([
    "# What the image /s.tar holds.",
    "# It is FAILED of step ?, line 3 RUN evil of its Dockerfile, exit code 2.",
    "FROM scratch AS state",
    "ADD layer /",
    'ENV A="x \\"y\\" \\$z \\\\\\\\"',
    'ENV C=""',
    'WORKDIR "/w d"',
    'USER "app"',
    "",
  ]);
  expect(notes).toHaveLength(1);
});

test("one of several layers is read by the engine, and so is one that has a name", () => {
  expect(stateFile({ path: "/s", image: image({ layers: 2 }) }).text).toMatch(/^FROM opened AS state$/m);
  expect(stateFile({ reference: "r/x:1" }).text).toMatch(/^FROM r\/x:1 AS state$/m);
});
