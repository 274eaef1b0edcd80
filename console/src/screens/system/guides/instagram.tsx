import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { resultsOf } from "../setup";
import {
  below,
  Connect,
  credentials,
  hostOf,
  legalPages,
  metaCallbacks,
  Page,
  Permissions,
  publicAddress,
  ReviewKit,
  Todo,
} from "./common";
import type { Guide } from "./guide";

/** Instagram's own login: one person, one account, no Facebook Page. */
export function instagramGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Accounts connect on Instagram's own page. They must be professional ones, business or creator: Instagram refuses posts of personal accounts.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app at Meta",
        body: (
          <Todo>
            <li>
              On <Page href="https://developers.facebook.com/apps">developers.facebook.com/apps</Page>, choose{" "}
              <b>Create app</b>. Meta refuses names that contain “Insta”, “gram”, “IG” or “Facebook”.
            </li>
            <li>
              As the use case, choose <b>Manage messaging &amp; content on Instagram</b>.
            </li>
            <li>
              Open the use case, then <b>API setup with Instagram login</b>. The next steps happen there.
            </li>
          </Todo>
        ),
      },
      {
        title: "Add the permissions",
        body: (
          <>
            <p>
              Under <b>Permissions and features</b>, add each of them:
            </p>
            <Permissions setup={setup} />
          </>
        ),
      },
      {
        title: "Register the addresses",
        results: resultsOf(setup, ["redirect_uri", "user_requests"]),
        body: (
          <>
            <Addresses
              addresses={[
                {
                  name: "OAuth redirect URI",
                  value: setup.redirectUri,
                  where: "Set up Instagram business login → Business login settings; exactly like this",
                },
                ...metaCallbacks(publicUrl, {
                  removal: "Business login settings",
                  deletion: "Business login settings, and App settings → Basic",
                }),
                ...legalPages(publicUrl, "App settings → Basic"),
                { name: "App domain", value: hostOf(publicUrl), where: "App settings → Basic" },
              ]}
            />
            <p>Presswork needs none of Meta's webhooks: leave their callback URL and verify token empty.</p>
          </>
        ),
      },
      credentials(setup, {
        title: "Store the app's ID and secret",
        where: (
          <>
            Copy the <b>Instagram</b> app ID and secret from <b>API setup with Instagram login</b>. The Meta app's,
            under App settings, are others and do not work here.
          </>
        ),
        idLabel: "Instagram app ID",
        secretLabel: "Instagram app secret",
      }),
      {
        title: "Let Instagram fetch media",
        results: resultsOf(setup, ["media"]),
        body: (
          <>
            <p>
              Instagram downloads pictures and videos from signed addresses below this one. A proxy, CDN or firewall
              must not hold back its crawlers there, nor change files.
            </p>
            <Addresses
              addresses={[{ name: "Media", value: below(publicUrl, "/media/"), where: "nothing to register" }]}
            />
          </>
        ),
      },
      {
        title: "Connect the first account",
        body: (
          <>
            <Todo>
              <li>
                <b>App roles</b> → <b>Roles</b> → <b>Add people</b> → <b>Instagram tester</b>: enter the account's user
                name. Before the review, the app works for people with a role only.
              </li>
              <li>
                As that account, accept under{" "}
                <Page href="https://www.instagram.com/accounts/manage_access/">Tester invites</Page>.
              </li>
            </Todo>
            <Connect command="presswork connect --platform instagram" />
          </>
        ),
      },
      {
        title: "Next: the review, for everybody else",
        results: resultsOf(setup, ["legal_pages"]),
        body: (
          <>
            <Todo>
              <li>Verify your business in the Security Center of its portfolio.</li>
              <li>
                Complete the app's basic settings: icon (1024 × 1024), category, privacy policy, data deletion, domain.
              </li>
              <li>
                <b>App review</b> → <b>Requests</b>: ask for advanced access to each permission, with a description, a
                screen recording of the whole way, and one successful call within the last 30 days. The first post makes
                those calls.
              </li>
              <li>
                Then switch the app to <b>Live</b>. Nothing changes here. Meta asks once a year for a data use check-up.
              </li>
            </Todo>
            <ReviewKit login="instagram" />
          </>
        ),
      },
    ],
  };
}
