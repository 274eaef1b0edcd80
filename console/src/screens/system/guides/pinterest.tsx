import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { resultsOf } from "../setup";
import { below, Connect, credentials, Page, Permissions, publicAddress, ReviewKit, Todo } from "./common";
import type { Guide } from "./guide";

/** Pinterest: an app with Trial access can create Pins in Pinterest's own sandbox only. */
export function pinterestGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Accounts connect on Pinterest's page. Pins that others see need Standard access, for which Pinterest wants a recording.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app at Pinterest",
        body: (
          <Todo>
            <li>
              With a business account, open{" "}
              <Page href="https://developers.pinterest.com/apps/">developers.pinterest.com/apps</Page> →{" "}
              <b>Connect app</b>, and ask for Trial access. It takes about a day.
            </li>
            <li>
              The app asks for these permissions at the login:
              <Permissions setup={setup} />
            </li>
          </Todo>
        ),
      },
      {
        title: "Register the addresses",
        results: resultsOf(setup, ["redirect_uri"]),
        body: (
          <Addresses
            addresses={[
              { name: "Redirect URI", value: setup.redirectUri, where: "Configure → Redirect URIs; exactly like this" },
              { name: "Website URL", value: below(publicUrl, "/"), where: "Configure" },
              { name: "Privacy policy URL", value: below(publicUrl, "/legal/privacy"), where: "Configure" },
            ]}
          />
        ),
      },
      credentials(setup, {
        title: "Store the app ID and secret key",
        where: (
          <>
            Copy them from the app, under <b>Configure</b>.
          </>
        ),
        idLabel: "App ID",
        secretLabel: "App secret key",
      }),
      {
        title: "Try it in Pinterest's own sandbox",
        body: (
          <>
            <p>
              With Trial access, Pinterest refuses Pins on its live host. Set <code>PRESSWORK_PINTEREST_API_URL</code>{" "}
              to <code>https://api-sandbox.pinterest.com</code>, connect the account, and publish: only the owner sees
              the Pin. It has boards of its own.
            </p>
            <Connect command="presswork connect --platform pinterest" />
          </>
        ),
      },
      {
        title: "Next: Standard access",
        results: resultsOf(setup, ["legal_pages"]),
        body: (
          <>
            <Todo>
              <li>
                In the app, ask for <b>Standard access</b> with a recording of the login and of a Pin that is created.
                It takes days to months.
              </li>
              <li>
                Then remove <code>PRESSWORK_PINTEREST_API_URL</code>, and connect the accounts again.
              </li>
            </Todo>
            <ReviewKit login="pinterest" />
          </>
        ),
      },
    ],
  };
}
