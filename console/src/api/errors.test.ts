import { APIConnectionError, APIStatusError, ApiResponse, ValidationError } from "presswork-client";
import { describe, expect, test } from "vitest";
import { docUrlOf, issuesOf, messageBeside, messageOf } from "./errors";

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
      "Return domains no. 2: This is no host name. The body is no object.",
    );
    expect(issuesOf(error)["name"]).toBe("Send at least one character.");
  });

  test("a path that the message has is not said twice", () => {
    const said = { path: "scheduledFor", message: "`scheduledFor` is in the past." };
    expect(messageBeside(refused(said), [])).toBe("Scheduled for is in the past.");
  });

  test("another error is said as it is", () => {
    expect(messageBeside(new APIConnectionError("lost"), ["name"])).toContain("Presswork does not answer.");
    expect(messageBeside(refused(), ["name"])).toContain("Wrong.");
  });
});

describe("what a person reads", () => {
  const answer = (status: number, code: string, message: string) =>
    new APIStatusError(
      message,
      { code, details: {}, docUrl: `/errors/${code}` },
      new ApiResponse(status, new Headers({ "X-Request-Id": "req_1" }), "", 1),
    );

  test.each([
    [answer(401, "UNAUTHENTICATED", "E-mail address or password is wrong."), "E-mail address or password is wrong."],
    [
      answer(404, "NOT_FOUND", "There is no such post. List them with GET /v1/scheduled-posts."),
      "There is no such post.",
    ],
    [
      answer(403, "FORBIDDEN_SCOPE", "`publish:write` is missing."),
      "Your role may not do this. Ask an administrator for one that may.",
    ],
  ])("is a sentence without a number: %#", (error, text) => {
    expect(messageOf(error)).toBe(text);
    expect(docUrlOf(error)).toBeUndefined();
  });

  test("has the number of the request where the server failed", () => {
    expect(messageOf(answer(500, "INTERNAL", "It failed."))).toBe("It failed. (request req_1)");
  });
});
