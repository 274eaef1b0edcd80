import { anyVideo, delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const bluesky: PlatformFacts = {
  logins: [
    {
      id: "bluesky",
      label: "Bluesky login",
      description: "As the owner of the account",
      page: "Bluesky",
      nearMs: 5 * MINUTE_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Begin again with an active Bluesky account.",
  delivery: delivered("Straight to the profile."),
  layouts: { pictures: "thread", ...anyVideo("thread") },
  cropsCarousels: false,
  settings: "blueskyPostSettings",
  sample: "fernhill.bsky.social",
};
