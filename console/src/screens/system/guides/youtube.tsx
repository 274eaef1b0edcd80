import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { resultsOf } from "../setup";
import { below, Connect, credentials, hostOf, Page, Permissions, publicAddress, ReviewKit, Todo } from "./common";
import type { Guide } from "./guide";

/** YouTube: channels connect on Google's page. */
export function youtubeGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Channels connect on Google's page. Uploads need no audit since 2 November 2026; an audit raises the number of videos a day.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create a project at Google",
        body: (
          <Todo>
            <li>
              On <Page href="https://console.cloud.google.com">console.cloud.google.com</Page>, create a project for
              Presswork alone: its quota is for all accounts together.
            </li>
            <li>
              <b>APIs and services</b> → <b>Library</b> → <b>YouTube Data API v3</b> → <b>Enable</b>.
            </li>
            <li>
              <b>Google Auth Platform</b> → <b>Get started</b>: name, support address, and the audience <b>External</b>.
            </li>
          </Todo>
        ),
      },
      {
        title: "Add the scopes",
        body: (
          <>
            <p>
              Under <b>Data access</b> → <b>Add or remove scopes</b>, add each of them:
            </p>
            <Permissions setup={setup} />
          </>
        ),
      },
      {
        title: "Register the addresses",
        results: resultsOf(setup, ["redirect_uri"]),
        body: (
          <Addresses
            addresses={[
              {
                name: "Authorized redirect URI",
                value: setup.redirectUri,
                where: "Clients → Create client → Web application; exactly like this",
              },
              { name: "Application home page", value: below(publicUrl, "/"), where: "Branding" },
              { name: "Application privacy policy link", value: below(publicUrl, "/legal/privacy"), where: "Branding" },
              { name: "Application terms of service link", value: below(publicUrl, "/legal/terms"), where: "Branding" },
              {
                name: "Authorized domain",
                value: hostOf(publicUrl),
                where: "Branding; verify it in Google Search Console as an owner of the project",
              },
            ]}
          />
        ),
      },
      credentials(setup, {
        title: "Store the client ID and secret",
        where: (
          <>
            Copy them from the OAuth client, under <b>Clients</b>.
          </>
        ),
        idLabel: "Client ID",
        secretLabel: "Client secret",
      }),
      {
        title: "Set the app to In production",
        body: (
          <p>
            Under <b>Audience</b>, press <b>Publish app</b>. While an app is in testing, every access ends after 7 days,
            and the account must be connected again. In production, people see a warning until Google has verified the
            app, and at most 100 can continue; for your own channels that is enough.
          </p>
        ),
      },
      {
        title: "Connect the first account",
        body: (
          <>
            <Todo>
              <li>On Google's page, choose the account, then the channel. Leave every permission ticked.</li>
              <li>
                Publish the first video with the privacy <code>private</code>, which only you can see. It is in YouTube
                Studio, under <b>Content</b>.
              </li>
            </Todo>
            <Connect command="presswork connect --platform youtube" />
          </>
        ),
      },
      {
        title: "Next: the verification, and the audit",
        results: resultsOf(setup, ["legal_pages"]),
        body: (
          <>
            <Todo>
              <li>
                <b>Verification</b> of the scopes, so that more people can connect: <b>Google Auth Platform</b> →{" "}
                <b>Verification center</b>, with a recording of the whole way. It takes days to weeks.
              </li>
              <li>
                <b>Audit</b>, for more videos a day:{" "}
                <Page href="https://support.google.com/youtube/contact/yt_api_form">YouTube's form</Page>. It takes
                weeks to months. What was uploaded before 2 November 2026 without it stays private.
              </li>
              <li>
                The privacy policy links Google's and says that the service uses YouTube API Services; the terms link
                YouTube's.
              </li>
            </Todo>
            <ReviewKit login="youtube" />
          </>
        ),
      },
    ],
  };
}
