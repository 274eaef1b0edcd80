import { expect, test } from "vitest";
import { isSame, reminderParam, stepParams, typedReminder, typedSteps, usualSteps } from "./steps";

test("what is stored comes back as it was", () => {
  const steps = [
    { name: "Editors", roles: ["approver"], quorum: 2 },
    { name: "Lena and Tom", userIds: ["usr_1", "usr_2"], quorum: 1 },
    { name: "Customer", reviewLink: true, quorum: 1 },
  ] as const;
  expect(stepParams(typedSteps({ steps: [...steps] as never }))).toEqual(steps);
  expect(reminderParam(typedReminder({ reminder: { afterHours: 24 } as never }))).toEqual({ afterHours: 24 });
});

test("the first two steps are the team and the client, and none is of both", () => {
  expect(stepParams(usualSteps())).toEqual([
    { name: "Team", roles: ["approver", "admin"], quorum: 1 },
    { name: "Client", reviewLink: true, quorum: 1 },
  ]);
});

test("without a reminder there is nothing to send, and a form without a change is the same", () => {
  expect(reminderParam(typedReminder({}))).toBeNull();
  expect(isSame(stepParams(typedSteps({})), [])).toBe(true);
});
