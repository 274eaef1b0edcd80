import { expect, test } from "vitest";
import { waysOf } from "./proof";

test("the quickest way is first, and a passkey only where the browser can use one", () => {
  expect(waysOf(["totp", "passkey", "recovery_code"], true)).toEqual(["passkey", "totp", "recovery_code"]);
  expect(waysOf(["totp", "passkey", "recovery_code"], false)).toEqual(["totp", "recovery_code"]);
  expect(waysOf(["password"], true)).toEqual(["password"]);
});
