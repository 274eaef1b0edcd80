import { anyVideo, delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const bluesky: PlatformFacts = {
  icon: "M8 7.3C7.2 5.8 5.1 3 3.2 2.9c-1.3-.1-1 2.9-.7 4.1.4 1.5 1.8 1.8 3.2 1.6-2.3.3-2.8 1.5-1.6 2.8C6.1 13.5 7.4 11.2 8 9.7c.6 1.5 1.9 3.8 3.9 1.7 1.2-1.3.7-2.5-1.6-2.8 1.4.2 2.8-.1 3.2-1.6.3-1.2.6-4.2-.7-4.1C10.9 3 8.8 5.8 8 7.3Z",
  logins: [
    {
      id: "bluesky",
      label: "Bluesky login",
      description: "As the owner of the account",
      page: "Bluesky",
      setUp: "Bluesky",
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
