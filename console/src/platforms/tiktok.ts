import { anyVideo, delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const tiktok: PlatformFacts = {
  logins: [
    {
      id: "tiktok",
      label: "TikTok login",
      description: "As the creator of the account",
      page: "TikTok",
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
