import { APIConnectionError, ApiResponse, ValidationError } from "presswork-client";
import { describe, expect, test } from "vitest";
import { issuesOf, messageBeside } from "./errors";

const refused = (...issues: readonly { path: string; message: string }[]) =>
  new ValidationError(
    "Wrong.",
    { code: "VALIDATION", details: { issues } },
    new ApiResponse(422, new Headers(), "", 1),
  );

const NAME = { path: "name", message: "Send at least one character." };
const DOMAIN = { path: "returnDomains[1]", message: "This is no host name." };

describe("what a form says besides its fields", () => {
  test("nothing, if its fields show every issue, or if nothing failed", () => {
    expect(messageBeside(refused(NAME), ["name"])).toBeNull();
    expect(messageBeside(null, ["name"])).toBeNull();
  });

  test("each issue that no field shows", () => {
    const error = refused(NAME, DOMAIN, { path: "", message: "The body is no object." });
    expect(messageBeside(error, ["name", "returnDomains"])).toBe(
      "returnDomains[1]: This is no host name. The body is no object.",
    );
    expect(issuesOf(error)["name"]).toBe("Send at least one character.");
  });

  test("a path that the message has is not said twice", () => {
    const said = { path: "scheduledFor", message: "`scheduledFor` is in the past." };
    expect(messageBeside(refused(said), [])).toBe("`scheduledFor` is in the past.");
  });

  test("another error is said as it is", () => {
    expect(messageBeside(new APIConnectionError("lost"), ["name"])).toContain("Presswork does not answer.");
    expect(messageBeside(refused(), ["name"])).toContain("Wrong.");
  });
});
