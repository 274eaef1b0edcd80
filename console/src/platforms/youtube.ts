import { delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const youtube: PlatformFacts = {
  icon: "M4 3h8a2.5 2.5 0 0 1 2.5 2.5v5A2.5 2.5 0 0 1 12 13H4a2.5 2.5 0 0 1-2.5-2.5v-5A2.5 2.5 0 0 1 4 3Zm2.7 2.7v4.6L10.6 8Z",
  logins: [
    {
      id: "youtube",
      label: "Google login",
      description: "As a person who manages the channel",
      page: "Google",
      setUp: "YouTube",
      nearMs: 5 * MINUTE_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Create a channel at youtube.com, begin again, and choose the channel on Google's page.",
  delivery: delivered("Straight to the channel, as a video or a Short."),
  layouts: { pictures: "card", video: "watch", upright: { layout: "fullScreen", longestSeconds: 180 } },
  cropsCarousels: false,
  settings: "youtubePostSettings",
  sample: "fernhillcoffee",
};
