import { expect, test } from "vitest";
import { stepsOf } from "./firstSteps";

const ALL = ["org:admin", "projects:write", "social:write", "publish:write"];

test("Test begins in the sandbox, Live with the installation", () => {
  const admin = { scopes: ALL, isInstallationAdmin: true };
  expect(stepsOf("test", admin).map(({ id }) => id)).toEqual(["project", "account", "post", "key"]);
  expect(stepsOf("live", admin).map(({ id }) => id)).toEqual(["address", "platform", "project", "account"]);
});

test("who can't set up the installation is not asked to", () => {
  const ofCustomer = { scopes: ALL, isInstallationAdmin: false };
  expect(stepsOf("live", ofCustomer).map(({ id }) => id)).toEqual(["project", "account"]);
  expect(stepsOf("live", { scopes: ["publish:read"], isInstallationAdmin: false })).toEqual([]);
});
