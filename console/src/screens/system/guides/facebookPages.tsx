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

/** Facebook Pages, by the people who may create content on them. */
export function facebookPagesGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "People who may create content on a Facebook Page connect it. The app is the one of Instagram by Facebook: where that is set up, only permissions and an address are missing here. Personal profiles and groups can't be posted to.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app at Meta",
        body: (
          <Todo>
            <li>
              On <Page href="https://developers.facebook.com/apps">developers.facebook.com/apps</Page>, use the app that
              you have for Instagram by Facebook, or create one.
            </li>
            <li>
              Add <b>Facebook Login for Business</b>.
            </li>
            <li>
              Set the app to <b>Live</b>: what an app in development mode posts is seen only by people with a role in
              it.
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
          <Addresses
            addresses={[
              {
                name: "Valid OAuth redirect URI",
                value: setup.redirectUri,
                where: "Facebook Login for Business → Settings; exactly like this, beside that of Instagram",
              },
              ...metaCallbacks(publicUrl, {
                removal: "Facebook Login for Business → Settings",
                deletion: "App settings → Basic → User data deletion",
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
            Copy them from <b>App settings</b> → <b>Basic</b>. They are the same as those of Instagram by Facebook, so
            they may be here already.
          </>
        ),
        idLabel: "App ID",
        secretLabel: "App secret",
      }),
      {
        title: "Let Facebook fetch pictures",
        results: resultsOf(setup, ["media"]),
        body: (
          <>
            <p>
              Presswork uploads videos. Facebook downloads pictures from signed addresses below this one, and a proxy,
              CDN or firewall must not hold back its crawlers there.
            </p>
            <Addresses
              addresses={[{ name: "Media", value: below(publicUrl, "/media/"), where: "nothing to register" }]}
            />
          </>
        ),
      },
      {
        title: "Connect the first Page",
        body: (
          <>
            <Todo>
              <li>Give yourself a role in the app, and on the Page one that lets you create content.</li>
              <li>In Facebook's dialog, tick the Page. If it grants several, Presswork asks which one.</li>
            </Todo>
            <Connect command="presswork connect --platform facebook" />
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
                <b>App review</b> → <b>Requests</b>: ask for advanced access to each permission, with a screen recording
                and one successful call within the last 30 days. One post with a first comment makes all of them.
              </li>
              <li>
                An access ends when the person changes their password, loses the role on the Page, or removes the app;
                the Page must then be connected again.
              </li>
            </Todo>
            <ReviewKit login="facebook_pages" />
          </>
        ),
      },
    ],
  };
}
