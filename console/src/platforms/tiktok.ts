import { anyVideo, delivered, MINUTE_MS, type PlatformFacts } from "./facts";
import { utf16Units } from "./texts";

export const tiktok: PlatformFacts = {
  name: "TikTok",
  icon: "M9 1.5v8.75a2.75 2.75 0 1 1-2.75-2.75M9 1.5c.3 2.2 1.8 3.7 4 4",
  handlePrefix: "@",
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
  refused: {},
  caption: (mode, mediaType) => {
    if (mode === "managed" || (mode === "draft" && mediaType === "video")) return null;
    const limit = mediaType === "video" || mediaType === null ? 2_200 : 4_000;
    return [{ unit: "characters", count: utf16Units, limit }];
  },
  comment: null,
  layouts: { pictures: "fullScreen", ...anyVideo("fullScreen") },
  cropsCarousels: false,
  settings: "tiktokPostSettings",
  sample: "fernhillcoffee",
};
