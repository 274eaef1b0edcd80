import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { resultsOf } from "../setup";
import { below, Connect, credentials, legalPages, Page, Permissions, publicAddress, Todo } from "./common";
import type { Guide } from "./guide";

const SETTINGS = "User authentication settings";

/** X: no review, but each call is paid for in advance. */
export function xGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Accounts connect on X's page. There is no review, and no free access: each post, and each post that is read back, is paid for in advance.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app at X",
        body: (
          <Todo>
            <li>
              On <Page href="https://console.x.com">console.x.com</Page>, create an app, and describe what it is for.
            </li>
            <li>
              Under <b>{SETTINGS}</b>, choose the type <b>Web App, Automated App or Bot</b> and the permission to{" "}
              <b>read and write</b>.
            </li>
            <li>
              Under <b>Billing</b>, buy credits and set a <b>spending limit</b>: it is the last stop, behind the budgets
              of projects.
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
              {
                name: "Callback URI / Redirect URL",
                value: setup.redirectUri,
                where: `${SETTINGS}; exactly like this`,
              },
              { name: "Website URL", value: below(publicUrl, "/"), where: SETTINGS },
              ...legalPages(publicUrl, SETTINGS),
            ]}
          />
        ),
      },
      credentials(setup, {
        title: "Store the client ID and secret",
        where: (
          <>
            Copy them from <b>Keys and tokens</b> → <b>OAuth 2.0</b>: not the API key.
          </>
        ),
        idLabel: "Client ID",
        secretLabel: "Client secret",
      }),
      {
        title: "Know what the login asks for",
        body: <Permissions setup={setup} />,
      },
      {
        title: "Connect the first account",
        body: (
          <>
            <Todo>
              <li>X's code is valid for 30 seconds: the server has to reach api.x.com at once.</li>
              <li>
                An account that posts automatically should carry the label <b>Automated</b>. Its owner sets it on X,
                under <b>Your account</b> → <b>Automation</b>.
              </li>
              <li>Give each project a budget before its first post: it is among the project's settings.</li>
            </Todo>
            <Connect command="presswork connect --platform x" />
          </>
        ),
      },
    ],
  };
}
