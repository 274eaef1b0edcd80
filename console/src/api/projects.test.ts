import type { Project } from "presswork-client";
import { expect, it } from "vitest";
import { viewerZone } from "../ui/times";
import { sharedZone } from "./projects";

const project = (timezone: string, status = "active") => ({ timezone, status }) as Project;

it("is the zone of the projects if they have the same", () => {
  expect(sharedZone([project("Asia/Tokyo")])).toBe("Asia/Tokyo");
  expect(sharedZone([project("Asia/Tokyo"), project("Asia/Tokyo"), project("UTC", "archived")])).toBe("Asia/Tokyo");
});

it("is the viewer's for projects of several zones, and for none", () => {
  expect(sharedZone([project("Asia/Tokyo"), project("Europe/Lisbon")])).toBe(viewerZone());
  expect(sharedZone([])).toBe(viewerZone());
});
