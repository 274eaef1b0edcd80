import { anyVideo, delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const tiktok: PlatformFacts = {
  icon: "M9 1.5v8.75a2.75 2.75 0 1 1-2.75-2.75M9 1.5c.3 2.2 1.8 3.7 4 4",
  logins: [
    {
      id: "tiktok",
      label: "TikTok login",
      description: "As the creator of the account",
      page: "TikTok",
      setUp: "TikTok",
      nearMs: 10 * MINUTE_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Begin again with a TikTok account that may publish videos.",
  delivery: {
    ...delivered("Straight to the profile."),
    draft: "To the inbox of the creator's TikTok app; the creator finishes and posts it.",
  },
  layouts: { pictures: "fullScreen", ...anyVideo("fullScreen") },
  cropsCarousels: false,
  settings: "tiktokPostSettings",
  sample: "fernhillcoffee",
};
