import type { PlatformSetup } from "presswork-client";
import { Connect, Permissions, publicAddress } from "./common";
import type { Guide } from "./guide";

/** Mastodon: nothing to register, because Presswork registers itself at each server. */
export function mastodonGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "Accounts connect at their own servers. There is no app to register and no review: Presswork registers itself at a server when the first login begins there.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Know what the login asks for",
        body: <Permissions setup={setup} />,
      },
      {
        title: "Connect the first account",
        body: (
          <>
            <p>
              The owner names the server. Without a name, logins begin at mastodon.social. With a server of your own,
              set <code>PRESSWORK_MASTODON_URL</code> to its address: it may then also be in your own network.
            </p>
            <Connect command="presswork connect --platform mastodon" />
          </>
        ),
      },
    ],
  };
}
