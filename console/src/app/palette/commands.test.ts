import { expect, test } from "vitest";
import { actionsOf, matching, screensOf } from "./commands";

const ALL = ["content:write", "social:write", "publish:write", "projects:write", "org:admin"];
const admin = { scopes: [...ALL, "publish:read", "content:read", "social:read"], isInstallationAdmin: true };
const labels = (commands: readonly { readonly label: string }[]) => commands.map(({ label }) => label);

test("each typed word begins a word of the command, also of its other words", () => {
  const actions = actionsOf("test", admin);
  expect(labels(matching(actions, "new"))).toEqual(["New post", "New project", "New API key"]);
  expect(labels(matching(actions, "  acc con"))).toEqual(["Connect an account"]);
  expect(labels(matching(actions, "schedule"))).toEqual(["New post"]);
  expect(labels(matching(actions, "ost"))).toEqual([]);
  expect(matching(actions, "")).toEqual(actions);
});

test("what begins with the text comes first", () => {
  expect(labels(matching(actionsOf("test", admin), "s")).slice(0, 2)).toEqual(["Switch to Live", "Sign out"]);
});

test("a person is offered what they may do", () => {
  const viewer = { scopes: ["publish:read"], isInstallationAdmin: false };
  expect(labels(actionsOf("live", viewer))).toEqual(["Switch to Test", "Your account", "Sign out"]);
  expect(labels(screensOf(viewer))).toEqual(["Home", "Queue", "Calendar"]);
  expect(labels(screensOf(admin))).toContain("System");
});
