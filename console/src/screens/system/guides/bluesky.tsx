import type { PlatformSetup } from "presswork-client";
import { Addresses } from "../Addresses";
import { CopyLine } from "../CopyLine";
import { appResultsOf, resultsOf } from "../setup";
import { below, Connect, Permissions, publicAddress } from "./common";
import type { Guide } from "./guide";

/** Bluesky: no app to register, because its servers read at our address who asks. */
export function blueskyGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Accounts connect on Bluesky's page. There is no app to register and no review: Bluesky's servers read at your address who Presswork is.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Make a key",
        results: [...appResultsOf(setup), ...resultsOf(setup, ["access"])],
        body: (
          <>
            <p>
              Bluesky recognizes this installation by it. Make one, once, and keep it as safe as the other secrets. With
              another key, accounts may have to be connected again.
            </p>
            <CopyLine
              text="openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
              what="the command that makes a key"
            />
            <p>
              Set the whole text, with its first and last line, for every process, and restart them. Where a setting
              can't have line ends, write <code>\n</code> for each.
            </p>
            <CopyLine
              text={'PRESSWORK_BLUESKY_PRIVATE_KEY="-----BEGIN PRIVATE KEY-----\\n…\\n-----END PRIVATE KEY-----\\n"'}
              what="the setting"
            />
          </>
        ),
      },
      {
        title: "Let Bluesky read who you are",
        results: resultsOf(setup, ["redirect_uri", "media"]),
        body: (
          <>
            <p>
              Bluesky's servers read both documents, over https and without a login. A proxy or firewall must not hold
              them back. Nothing has to be registered anywhere.
            </p>
            <Addresses
              addresses={[
                {
                  name: "Client metadata",
                  value: below(publicUrl, "/oauth/bluesky/client-metadata.json"),
                  where: "open it in a browser: it shows the name and the redirect URI",
                },
                {
                  name: "Public keys",
                  value: below(publicUrl, "/oauth/bluesky/jwks.json"),
                  where: "nothing to register",
                },
                { name: "Redirect URI", value: setup.redirectUri, where: "named in the metadata; nothing to register" },
              ]}
            />
          </>
        ),
      },
      {
        title: "Know what the login asks for",
        body: (
          <>
            <p>All posts need both. An owner can't refuse one of them alone.</p>
            <Permissions setup={setup} />
          </>
        ),
      },
      {
        title: "Connect the first account",
        body: (
          <>
            <p>
              Logins begin at bsky.social. With a server of your own, set <code>PRESSWORK_BLUESKY_URL</code> to its
              address. Videos need an account with a confirmed e-mail address.
            </p>
            <Connect command="presswork connect --platform bluesky" />
          </>
        ),
      },
    ],
  };
}
