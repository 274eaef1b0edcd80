import { anyVideo, delivered, type PlatformFacts } from "./facts";

export const mastodon: PlatformFacts = {
  logins: [
    {
      id: "mastodon",
      label: "Mastodon login",
      description: "As the owner of the account, at its server",
      page: "the account's server",
      server: "mastodon.social",
      nearMs: 0,
      isRenewed: true,
    },
  ],
  noAccount: "Begin again with an active Mastodon account.",
  delivery: delivered("Straight to the profile."),
  layouts: { pictures: "thread", ...anyVideo("thread") },
  cropsCarousels: false,
  settings: "mastodonPostSettings",
  sample: "fernhill",
};
