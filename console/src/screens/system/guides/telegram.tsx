import type { PlatformSetup } from "presswork-client";
import { Connect, credentials, Page, Permissions, publicAddress, Todo } from "./common";
import type { Guide } from "./guide";

/** Telegram: a bot that the owners of channels make an administrator. */
export function telegramGuide(setup: PlatformSetup, publicUrl: string | null): Guide {
  return {
    intro:
      "One bot posts in all channels. There is no review: BotFather gives its token at once, and the owner of a channel makes it an administrator there.",
    steps: [
      publicAddress(setup, publicUrl),
      {
        title: "Make a bot",
        body: (
          <Todo>
            <li>
              In Telegram, write <code>/newbot</code> to <Page href="https://t.me/BotFather">BotFather</Page> and follow
              it. People see the name in the list of administrators of their channels.
            </li>
            <li>Use it for Presswork alone: a bot has one list of updates, where Presswork looks for codes.</li>
          </Todo>
        ),
      },
      credentials(setup, {
        title: "Store its token here",
        where: "BotFather shows the token, such as 123456:AAE…: the digits before the colon are the ID.",
        idLabel: "Bot ID",
        secretLabel: "Token",
      }),
      {
        title: "Know what it may do",
        body: <Permissions setup={setup} />,
      },
      {
        title: "Connect the first channel",
        body: (
          <>
            <p>
              The login shows a code. The owner makes the bot an administrator of the channel and posts the code there.
            </p>
            <Connect command="presswork connect --platform telegram" />
          </>
        ),
      },
    ],
  };
}
