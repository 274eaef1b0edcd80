import { expect, test } from "vitest";
import { obstacleOf, stepText } from "./steps";

const ada = { user: { id: "usr_ada", role: "admin" } } as never;
const step = (more: object) => ({
  steps: [{ name: "Team", status: "current", quorum: 2, approvals: [], ...more }] as never,
});

test("who decides a step meets no obstacle, and neither does anyone without steps", () => {
  expect(obstacleOf(step({ roles: ["admin"] }), ada)).toBeNull();
  expect(obstacleOf(step({ userIds: ["usr_ada"] }), ada)).toBeNull();
  expect(obstacleOf({ steps: [] }, ada)).toBeNull();
});

test("who does not decide a step reads who does", () => {
  expect(obstacleOf(step({ roles: ["approver"] }), ada)).toBe("The step “Team” is decided by approvers.");
  expect(obstacleOf(step({ userIds: ["usr_tom"] }), ada)).toMatch("you are not one of them");
  expect(obstacleOf(step({ reviewLink: true }), ada)).toMatch("at a review link");
});

test("an approval counts once, and the step says how many are missing", () => {
  const approved = step({ roles: ["admin"], approvals: [{ by: "usr_ada", name: "Ada", at: "2026-12-02T09:00:00Z" }] });
  expect(obstacleOf(approved, ada)).toBe("You have approved the step “Team”. It waits for one other person.");
  expect(stepText({ name: "Team", quorum: 2, approvals: [{}] } as never)).toBe("Team: 1 of 2");
  expect(stepText({ name: "Client", quorum: 1, approvals: [] } as never)).toBe("Client");
});
