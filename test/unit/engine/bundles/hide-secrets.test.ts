import { expect, test } from "vitest";
import { hideSecrets } from "../../../../src/engine/bundles/hide-secrets.ts";
import { SecretMask } from "../../../../src/session/secret-mask.ts";

const VALUE = "never-asked-for-value";

test("S26 · a value that no step has asked for here is hidden with its line, one that was by itself", () => {
  const mask = new SecretMask();
  expect(hideSecrets(`a ${VALUE}`, mask)).toBe(`a ${VALUE}`);
  mask.add(Buffer.from("handed-out-value"), "secret given");
  mask.sought.add("secret other", Buffer.from(VALUE));
  const text = `one\nb ${VALUE} c\nhas handed-out-value in it\n`;
  expect(hideSecrets(text, mask)).toBe("one\n***\nhas *** in it\n");
  expect(hideSecrets(Buffer.from(VALUE).toString("base64"), mask)).toBe("***");
  expect(hideSecrets("nothing", mask)).toBe("nothing");
});

test("S26 · a value of several lines is hidden with all that is around it", () => {
  const mask = new SecretMask();
  const value = "first-part-of-it\nsecond-part-of-it";
  mask.sought.add("secret key", Buffer.from(value));
  expect(hideSecrets(`a\n${value}\nb`, mask)).not.toMatch(/first-part[\s\S]*second-part/);
});
