import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { CopyLine } from "../CopyLine";
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

/** Threads: profiles connect on Threads' own page. */
export function threadsGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Profiles connect on Threads' own page, personal and private ones too. Your own profiles need no review: a role in the app is enough.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app at Meta",
        body: (
          <Todo>
            <li>
              On <Page href="https://developers.facebook.com/apps">developers.facebook.com/apps</Page>, choose{" "}
              <b>Create app</b> and the use case <b>Access the Threads API</b>. Make an app for Threads alone: the use
              case can't be added to every existing app.
            </li>
            <li>
              Open the use case. The next steps happen there, under <b>Permissions</b> and <b>Settings</b>.
            </li>
          </Todo>
        ),
      },
      {
        title: "Add the permissions",
        body: (
          <>
            <Permissions setup={setup} />
            <p>
              A post can also be shared as a story of the linked Instagram account. That needs one more permission,
              which Presswork asks for with this setting, and which is reviewed as well:
            </p>
            <CopyLine text="PRESSWORK_THREADS_EXTRA_SCOPES=threads_share_to_instagram" what="the setting" />
          </>
        ),
      },
      {
        title: "Register the addresses",
        results: resultsOf(setup, ["redirect_uri", "user_requests"]),
        body: (
          <Addresses
            addresses={[
              {
                name: "Redirect callback URL",
                value: setup.redirectUri,
                where: "Access the Threads API → Settings; exactly like this",
              },
              ...metaCallbacks(publicUrl, {
                removal: "Access the Threads API → Settings, as Uninstall Callback URL",
                deletion: "Access the Threads API → Settings, as Delete Callback URL",
              }),
              ...legalPages(publicUrl, "App settings → Basic"),
              { name: "App domain", value: hostOf(publicUrl), where: "App settings → Basic" },
            ]}
          />
        ),
      },
      credentials(setup, {
        title: "Store the app's ID and secret",
        where: (
          <>
            Copy the <b>Threads</b> app ID and secret from the settings of the use case. The Meta app's, under App
            settings, are others and do not work here.
          </>
        ),
        idLabel: "Threads app ID",
        secretLabel: "Threads app secret",
      }),
      {
        title: "Let Threads fetch media",
        results: resultsOf(setup, ["media"]),
        body: (
          <>
            <p>
              Threads downloads pictures and videos from signed addresses below this one; there is no other way to send
              them. A proxy, CDN or firewall must not hold back Meta's crawlers there, nor change files.
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
                <b>App roles</b> → <b>Roles</b> → <b>Add people</b> → <b>Threads Tester</b>: enter the profile's user
                name.
              </li>
              <li>
                As that profile, accept in the settings of Threads: <b>Account</b> → <b>Website permissions</b> →{" "}
                <b>Invites</b>.
              </li>
            </Todo>
            <Connect command="presswork connect --platform threads" />
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
                Complete the app's basic settings: icon (1024 × 1024), category, privacy policy, domain. Then publish
                the app.
              </li>
              <li>
                <b>App review</b> → <b>Requests</b>: ask for advanced access to each permission, with a description, a
                screen recording of the whole way, and one successful call within the last 30 days. One post with a
                first comment makes all of them.
              </li>
            </Todo>
            <ReviewKit login="threads" />
          </>
        ),
      },
    ],
  };
}
