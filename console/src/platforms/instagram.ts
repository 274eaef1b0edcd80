import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const instagram: PlatformFacts = {
  icon: "M4.5 1.5h7a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3Zm3.5 4a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Zm3.6-1.4v.01",
  logins: [
    {
      id: "instagram",
      label: "Instagram login",
      description: "As the account itself: one person, one account, no Facebook Page",
      page: "Instagram",
      setUp: "Instagram login",
      nearMs: 7 * DAY_MS,
      isRenewed: true,
    },
    {
      id: "facebook",
      label: "Facebook login",
      description: "As the person who manages its Page: for teams, and the access does not expire",
      page: "Facebook",
      setUp: "Instagram by Facebook",
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
