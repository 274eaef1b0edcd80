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

/** Facebook Login: Instagram accounts by the Page that they are linked to. */
export function facebookGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "People who manage a Facebook Page connect the Instagram account that is linked to it. For agencies and teams: the access does not expire. Only accounts that connect in this way need it.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app at Meta",
        body: (
          <Todo>
            <li>
              On <Page href="https://developers.facebook.com/apps">developers.facebook.com/apps</Page>, use the app that
              you have for the Instagram login, or create one.
            </li>
            <li>
              Add <b>Facebook Login for Business</b>, and <b>Instagram</b> with <b>API setup with Facebook login</b>.
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
              Pages that belong to a business portfolio may stay hidden without a further permission. If your app has
              it, Presswork asks for it with this setting:
            </p>
            <CopyLine text="PRESSWORK_FACEBOOK_EXTRA_SCOPES=business_management" what="the setting" />
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
                  name: "Valid OAuth redirect URI",
                  value: setup.redirectUri,
                  where: "Facebook Login for Business → Settings; exactly like this",
                },
                ...metaCallbacks(publicUrl, {
                  removal: "Facebook Login for Business → Settings",
                  deletion: "App settings → Basic → User data deletion",
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
            Copy the <b>Meta</b> app's ID and secret from <b>App settings</b> → <b>Basic</b>. The Instagram app's are
            others and do not work here.
          </>
        ),
        idLabel: "App ID",
        secretLabel: "App secret",
      }),
      {
        title: "Let Instagram fetch pictures",
        results: resultsOf(setup, ["media"]),
        body: (
          <>
            <p>
              With this login Presswork uploads videos. Instagram downloads pictures from signed addresses below this
              one, and a proxy, CDN or firewall must not hold back its crawlers there.
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
              <li>Link the Instagram account, a professional one, to a Page, and give yourself a role in the app.</li>
              <li>
                In Facebook's dialog, tick the Page and the account. If it grants several, Presswork asks which one.
              </li>
            </Todo>
            <Connect command="presswork connect --platform instagram --login facebook" />
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
                <b>App review</b> → <b>Requests</b>: ask for advanced access to each permission, as for the Instagram
                login; its review does not count for this one.
              </li>
              <li>
                Then switch the app to <b>Live</b>. An access ends when the person changes their password, loses the
                role on the Page, or removes the app; the account must then be connected again.
              </li>
            </Todo>
            <ReviewKit login="facebook" />
          </>
        ),
      },
    ],
  };
}
