import { delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const youtube: PlatformFacts = {
  logins: [
    {
      id: "youtube",
      label: "Google login",
      description: "As a person who manages the channel",
      page: "Google",
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
