import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const pinterest: PlatformFacts = {
  logins: [
    {
      id: "pinterest",
      label: "Pinterest login",
      description: "As the owner of the account",
      page: "Pinterest",
      nearMs: 7 * DAY_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Begin again with an active Pinterest account.",
  delivery: delivered("Straight to a board, as a Pin."),
  layouts: { pictures: "feed", ...anyVideo("feed") },
  cropsCarousels: false,
  settings: "pinterestPostSettings",
  sample: "fernhillcoffee",
};
