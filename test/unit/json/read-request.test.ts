import fc from "fast-check";
import { expect, test } from "vitest";
import { readLine } from "../../../src/console/read-command.ts";
import { readRequest } from "../../../src/json/read-request.ts";

test("a line is a command, or an object with one and an id", () => {
  expect(readRequest("  break 12 ")).toEqual({ id: undefined, command: "break 12" });
  expect(readRequest('{"id": 7, "command": "here", "more": true}')).toEqual({ id: 7, command: "here" });
  expect(readRequest('{"id": null, "command": "here"}')).toEqual({ id: undefined, command: "here" });
});

test.each([
  ['{"id": 7', undefined, "no JSON"],
  ['{"id": 7}', 7, "command is missing"],
  ['{"id": "a", "command": 3}', "a", "command is missing"],
  ['{"id": {}, "command": "here"}', undefined, "id is neither"],
  ['{"id": 1e999, "command": "here"}', undefined, "id is neither"],
  [`{"id": "${"x".repeat(201)}", "command": "here"}`, undefined, "more than 200"],
  ['{"id": 7, "command": "here\\nquit"}', 7, "more than one line"],
])("%s is refused with its id", (line, id, message) => {
  const refused = readRequest(line);
  expect(refused.id).toBe(id);
  expect("error" in refused ? refused.error.message : "").toContain(message);
});

test("whatever comes is a request or a refusal, and a command or a reason", () => {
  const command = fc.record({ id: fc.jsonValue(), command: fc.oneof(fc.string(), fc.jsonValue()) });
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    command.map((each) => JSON.stringify(each)),
  );
  fc.assert(
    fc.property(line, (text) => {
      const asked = readRequest(text);
      if ("error" in asked) expect(asked.error.code).toBe("usage");
      else expect(["nothing", "command", "unknown"]).toContain(readLine(asked.command).kind);
    }),
    { numRuns: 1000, seed: 16 },
  );
});
