import { anyVideo, delivered, type PlatformFacts } from "./facts";

export const telegram: PlatformFacts = {
  logins: [
    {
      id: "telegram",
      label: "Telegram bot",
      description: "By a code that is posted in the channel",
      page: "a page of this service",
      nearMs: 0,
      isRenewed: true,
    },
  ],
  noAccount:
    "Begin again, make the bot an administrator of the channel that may post messages, and post the code there.",
  delivery: delivered("Straight to the channel."),
  layouts: { pictures: "feed", ...anyVideo("feed") },
  cropsCarousels: false,
  settings: "telegramPostSettings",
  sample: "fernhill_coffee",
};
