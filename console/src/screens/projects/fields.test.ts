import type { Project } from "presswork-client";
import { describe, expect, it } from "vitest";
import { changesOf, fieldsAfter, fieldsOf, problemsOf } from "./fields";

const PROJECT: Project = {
  id: "prj_1",
  organizationId: "org_1",
  environment: "test",
  name: "Corner Bakery",
  timezone: "Europe/Lisbon",
  customerExternalId: "crm-4711",
  metadata: { plan: "small" },
  ownerEmail: null,
  primaryLanguage: null,
  appName: null,
  appDescription: null,
  status: "active",
  requiresApproval: false,
  branding: null,
  reviewLinks: false,
  variables: null,
  utm: null,
  budgets: null,
  createdAt: "2026-11-24T18:30:00.000Z",
  updatedAt: "2026-11-24T18:30:00.000Z",
  archivedAt: null,
};

describe("the form of a project", () => {
  const fields = fieldsOf(PROJECT);

  it("changes nothing at first", () => {
    expect(changesOf(PROJECT, fields)).toEqual({});
  });

  it("sends only what was changed, and null for what was emptied", () => {
    const changed = { ...fields, timezone: "Asia/Tokyo", customerExternalId: "", metadata: "", appName: "Crumbs" };
    expect(changesOf(PROJECT, changed)).toEqual({
      timezone: "Asia/Tokyo",
      customerExternalId: null,
      metadata: null,
      appName: "Crumbs",
    });
  });

  it("sends the whole branding, and null when it is emptied", () => {
    const branded: Project = { ...PROJECT, branding: { name: "Crumbs", logoUrl: null, color: "#8a3b12" } };
    const shown = fieldsOf(branded);
    expect(changesOf(branded, { ...shown, brandColor: " " })).toEqual({
      branding: { name: "Crumbs", logoUrl: null, color: null },
    });
    expect(changesOf(branded, { ...shown, brandName: "", brandColor: "" })).toEqual({ branding: null });
  });

  it("sends all budgets, and null when the last one is emptied", () => {
    const priced: Project = { ...PROJECT, budgets: { x: { monthlyUsd: 20 } } };
    const shown = fieldsOf(priced);
    expect(shown["budgets.x"]).toBe("20");
    expect(changesOf(priced, { ...shown, "budgets.x": " 20.0 " })).toEqual({});
    expect(changesOf(priced, { ...shown, "budgets.y": "1.5" })).toEqual({
      budgets: { x: { monthlyUsd: 20 }, y: { monthlyUsd: 1.5 } },
    });
    expect(changesOf(priced, { ...shown, "budgets.x": "" })).toEqual({ budgets: null });
  });

  it("keeps what was typed while it was saved, and takes the rest from what was stored", () => {
    const sent = { ...fields, name: "Bakery", brandLogoUrl: "https://example.com/logo.png" };
    const saved = { ...PROJECT, name: "Bakery", branding: { name: null, logoUrl: "/logo_1", color: null } };
    const now = { ...sent, name: "Bakery and café", ownerEmail: "" };
    const after = fieldsAfter(saved, sent, now);
    expect([after.name, after.brandLogoUrl]).toEqual(["Bakery and café", "/logo_1"]);
    expect(changesOf(saved, after)).toEqual({ name: "Bakery and café" });
  });

  it("says what is wrong with metadata and budgets", () => {
    const problems = (changes: Partial<typeof fields>) => problemsOf({ ...fields, ...changes });
    expect(problems({ "budgets.x": "10.5" })).toEqual({});
    expect(problems({ metadata: "[1]" })["metadata"]).toContain("not a JSON object");
    expect(problems({ metadata: "{plan" })["metadata"]).toContain("not JSON");
    expect(problems({ "budgets.x": "some" })["budgets.x.monthlyUsd"]).toContain("no amount");
  });
});
