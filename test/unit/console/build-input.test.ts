import { expect, test } from "vitest";
import { withInput } from "../../../src/console/build-input.ts";
import { REQUEST } from "../../support/debug-driver.ts";

test("a secret, an agent or a permission given late is added to the request, replacing its namesake", () => {
  const surroundings = { env: { SSH_AUTH_SOCK: "/agent", HOME: "/home/me" }, cwd: "/project" };
  const typed = [
    "secret id=token,src=a",
    "secret id=token,src=b",
    "ssh default",
    "ssh gh=first",
    "ssh gh=first,/second",
    "secret id=HOME",
    "allow network.host",
    "allow network.host",
  ];
  const request = typed.reduce((last, line) => {
    const [option = "", text = ""] = line.split(" ");
    if (option !== "secret" && option !== "ssh" && option !== "allow") throw new Error(option);
    return withInput(last, option, text, surroundings);
  }, REQUEST);
  expect(request).toMatchObject({
    secrets: [
      { id: "token", from: { kind: "file", path: "/project/b" } },
      { id: "HOME", from: { kind: "env", name: "HOME" } },
    ],
    ssh: [
      { id: "default", paths: ["/agent"] },
      { id: "gh", paths: ["/project/first", "/second"] },
    ],
    allow: ["network.host"],
  });
  expect(() => withInput(REQUEST, "secret", "src=a", surroundings)).toThrow(/the id is missing/);
});

test("a build argument given late takes its value from the environment as --build-arg does, if there is one", () => {
  const surroundings = { env: { LEVEL: "3" }, cwd: "/project" };
  const give = (text: string) => withInput(REQUEST, "build-arg", text, surroundings).buildArgs;
  expect(give("NAME=a b=c")).toEqual({ ...REQUEST.buildArgs, NAME: "a b=c" });
  expect(give("LEVEL")).toEqual({ ...REQUEST.buildArgs, LEVEL: "3" });
  expect(() => give("NONE")).toThrow(/NONE: not set in the environment/);
  expect(() => give("=1")).toThrow(/the name before "=" is missing/);
});
