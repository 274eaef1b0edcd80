import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { CopyLine } from "../CopyLine";
import { resultsOf } from "../setup";
import { below, Connect, credentials, Page, Permissions, publicAddress, ReviewKit, Todo } from "./common";
import type { Guide } from "./guide";

/** LinkedIn: profiles of members without a review, or pages with an app of their own. */
export function linkedinGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Members connect on LinkedIn's page. Posts on profiles need no review; posts on pages need an app of their own, whose company LinkedIn vets. Without LinkedIn's approval as a partner, people log in again every 60 days.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Choose: profiles, or pages",
        body: (
          <>
            <p>
              LinkedIn decides by products what an app may do. The one for pages can't be in the same app as those for
              profiles, and a login that asks for one permission too many is refused.
            </p>
            <Todo>
              <li>
                <b>Profiles</b>: the products <b>Sign In with LinkedIn using OpenID Connect</b> and{" "}
                <b>Share on LinkedIn</b>. They are added at once, and have no first comment.
              </li>
              <li>
                <b>Pages</b>, and the profiles of those who administer them: the product <b>Community Management API</b>{" "}
                alone, for registered companies. Set this for every process:
              </li>
            </Todo>
            <CopyLine text="PRESSWORK_LINKEDIN_PAGES=true" what="the setting" />
          </>
        ),
      },
      {
        title: "Create an app at LinkedIn",
        body: (
          <Todo>
            <li>
              On <Page href="https://www.linkedin.com/developers/apps">linkedin.com/developers/apps</Page>, choose{" "}
              <b>Create app</b>, with the page of your company.
            </li>
            <li>
              Under <b>Settings</b>, press <b>Verify</b>: a super administrator of the page has to agree.
            </li>
            <li>
              Under <b>Products</b>, request those of the step above.
            </li>
          </Todo>
        ),
      },
      {
        title: "Know what the login asks for",
        body: (
          <>
            <p>
              The products bring these permissions; nothing is added one by one. If those of your app differ, name them
              in <code>PRESSWORK_LINKEDIN_SCOPES</code>.
            </p>
            <Permissions setup={setup} />
          </>
        ),
      },
      {
        title: "Register the address",
        results: resultsOf(setup, ["redirect_uri"]),
        body: (
          <Addresses
            addresses={[
              {
                name: "Authorized redirect URL",
                value: setup.redirectUri,
                where: "Auth → OAuth 2.0 settings; exactly like this",
              },
              { name: "Privacy policy URL", value: below(publicUrl, "/legal/privacy"), where: "Settings" },
            ]}
          />
        ),
      },
      credentials(setup, {
        title: "Store the client ID and secret",
        where: (
          <>
            Copy them from <b>Auth</b> → <b>Application credentials</b>.
          </>
        ),
        idLabel: "Client ID",
        secretLabel: "Primary client secret",
      }),
      {
        title: "Connect the first account",
        body: (
          <>
            <Todo>
              <li>Allow every permission on LinkedIn's page.</li>
              <li>
                With pages, Presswork then asks which accounts to connect: the profile, and the pages of which you are
                administrator or content administrator. One login connects all that you tick.
              </li>
            </Todo>
            <Connect command="presswork connect --platform linkedin" />
          </>
        ),
      },
      {
        title: "Next: the review, for pages",
        results: resultsOf(setup, ["legal_pages"]),
        body: (
          <>
            <Todo>
              <li>
                LinkedIn asks for the legal entity, a business e-mail address, a privacy policy, and what you use it
                for. An app that was rejected can't apply again.
              </li>
              <li>
                The <b>development tier</b> has 500 calls a day for the app and 100 for each member, for 12 months. Tell
                Presswork, so that posts wait instead of stopping half-way:
              </li>
            </Todo>
            <CopyLine text="PRESSWORK_LINKEDIN_MEMBER_CALLS_A_DAY=100" what="the setting for members" />
            <CopyLine text="PRESSWORK_LINKEDIN_APP_CALLS_A_DAY=500" what="the setting for the app" />
            <p>
              The <b>standard tier</b> needs a second form and a screen recording.
            </p>
            <ReviewKit login="linkedin" />
          </>
        ),
      },
    ],
  };
}
