import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const instagram: PlatformFacts = {
  logins: [
    {
      id: "instagram",
      label: "Instagram login",
      description: "As the account itself: one person, one account, no Facebook Page",
      page: "Instagram",
      nearMs: 7 * DAY_MS,
      isRenewed: true,
    },
    {
      id: "facebook",
      label: "Facebook login",
      description: "As the person who manages its Page: for teams, and the access does not expire",
      page: "Facebook",
      nearMs: 7 * DAY_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Link an Instagram professional account to your Facebook Page, begin again, and tick both.",
  delivery: delivered("Straight to the feed, to Reels or as a story."),
  layouts: { pictures: "feed", ...anyVideo("fullScreen") },
  cropsCarousels: true,
  settings: "instagramPostSettings",
  sample: "fernhill.coffee",
};
