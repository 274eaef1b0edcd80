import type { ModeReadiness, SocialAccount } from "presswork-client";
import { expect, test } from "vitest";
import { modesOf, problemsOf } from "./readiness";

const READY = { ready: true, reason: null, missingScopes: [] } as unknown as ModeReadiness;
const not = (reason: string) => ({ ready: false, reason, missingScopes: [] }) as unknown as ModeReadiness;
const account = (changes: Partial<SocialAccount["readiness"]>, layerId: string | null = null) =>
  ({
    status: "connected",
    layerId,
    readiness: { publish: READY, draft: READY, managed: not("no_managed_layer"), ...changes },
  }) as Pick<SocialAccount, "status" | "readiness" | "layerId">;
const texts = (one: ReturnType<typeof account>) => problemsOf(one).map(({ text }) => text);

test("an account that can post has no problem, whatever is not set up for it", () => {
  expect(texts(account({}))).toEqual([]);
  expect(texts(account({ draft: not("platform_unavailable") }))).toEqual([]);
  expect(modesOf(account({})).map(({ id }) => id)).toEqual(["publish", "draft"]);
});

test("what a person has to do is said, and managed distribution only in a layer", () => {
  expect(texts(account({ publish: not("platform_unavailable") }))).toEqual(["Publish: not set up"]);
  expect(texts(account({ draft: not("missing_permission") }))).toEqual(["Draft: permission missing"]);
  expect(texts(account({ managed: not("no_managed_provider") }))).toEqual([]);
  expect(texts(account({ managed: not("no_managed_provider") }, "lyr_1"))).toEqual(["Managed: no provider"]);
  expect(texts({ ...account({}), status: "reauth_required" })).toEqual(["Access ended: connect again"]);
});
