import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { resultsOf } from "../setup";
import {
  below,
  Connect,
  credentials,
  hostOf,
  legalPages,
  Page,
  Permissions,
  publicAddress,
  ReviewKit,
  Todo,
} from "./common";
import type { Guide } from "./guide";

/** TikTok: posts, and drafts for their creators. */
export function tiktokGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Accounts connect on TikTok's page. TikTok's own sandbox works without a review; its posts are visible to their creators only.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Create an app and its sandbox",
        body: (
          <Todo>
            <li>
              On <Page href="https://developers.tiktok.com/apps">developers.tiktok.com</Page>, choose <b>Manage apps</b>{" "}
              → <b>Connect an app</b>. TikTok refuses names that contain “TikTok”.
            </li>
            <li>
              Fill in <b>App details</b> with the platform <b>Web</b>, then switch from <b>Production</b> to{" "}
              <b>Sandbox</b> at the top and create one.
            </li>
            <li>
              <b>Add products</b>: <b>Login Kit</b> and <b>Content Posting API</b>, and turn <b>Direct Post</b> on.
            </li>
            <li>
              Changes of a sandbox are not active until you press <b>Apply changes</b>.
            </li>
          </Todo>
        ),
      },
      {
        title: "Add the scopes",
        body: (
          <>
            <p>
              Under <b>Scopes</b>, add each of them:
            </p>
            <Permissions setup={setup} />
          </>
        ),
      },
      {
        title: "Register the addresses",
        results: resultsOf(setup, ["redirect_uri", "webhook"]),
        body: (
          <>
            <Addresses
              addresses={[
                { name: "Redirect URI", value: setup.redirectUri, where: "Login Kit → Web; exactly like this" },
                {
                  name: "Webhook callback URL",
                  value: setup.webhookUrl,
                  where: "Webhooks; optional, TikTok then reports changes instead of being polled",
                },
                ...legalPages(publicUrl, "App details"),
              ]}
            />
            <p>There is no verify token: TikTok signs its webhooks with the client secret.</p>
          </>
        ),
      },
      credentials(setup, {
        title: "Store the client key and secret",
        where: (
          <>
            Copy them from the sandbox, or from production after the review: they differ, and accounts must connect once
            more after the change.
          </>
        ),
        idLabel: "Client key",
        secretLabel: "Client secret",
      }),
      {
        title: "Prove that the address is yours",
        results: resultsOf(setup, ["media"]),
        body: (
          <>
            <p>
              Presswork uploads videos. TikTok downloads pictures, and only from a verified address: other photo posts
              fail with <code>url_ownership_unverified</code>. Under <b>URL properties</b> → <b>Verify properties</b>,
              add one of them, and follow what TikTok shows (a TXT record, or a file that your proxy serves):
            </p>
            <Addresses
              addresses={[
                { name: "Domain", value: hostOf(publicUrl), where: "proved by DNS" },
                { name: "URL prefix", value: below(publicUrl, "/"), where: "proved by a file" },
              ]}
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
                <b>Sandbox settings</b> → <b>Target users</b> → <b>Add account</b>: ten at most; it can take an hour.
              </li>
              <li>
                Until the audit, TikTok accepts posts of private accounts only, with the privacy level{" "}
                <code>SELF_ONLY</code>, and of five people a day. Drafts need no private account.
              </li>
            </Todo>
            <Connect command="presswork connect --platform tiktok" />
          </>
        ),
      },
      {
        title: "Next: the review, then the audit",
        results: resultsOf(setup, ["legal_pages"]),
        body: (
          <>
            <Todo>
              <li>
                <b>Review</b>, so that others can connect: copy the sandbox's settings to <b>Production</b>, then{" "}
                <b>Submit for review</b> with a demo video of the whole way, and terms and privacy policy on your
                domain.
              </li>
              <li>
                <b>Audit</b> of the Content Posting API, so that posts can be public: TikTok looks at your posting page,
                which shows the creator's name, lets them choose the privacy without a default, and has the switches for
                comments, duets, stitches and commercial content.
              </li>
              <li>
                Tools that only post to accounts of your own team may fail the audit. Drafts are the way to post then.
              </li>
            </Todo>
            <ReviewKit login="tiktok" />
          </>
        ),
      },
    ],
  };
}
