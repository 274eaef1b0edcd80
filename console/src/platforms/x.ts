import { anyVideo, delivered, MINUTE_MS, type PlatformFacts } from "./facts";

export const x: PlatformFacts = {
  logins: [
    {
      id: "x",
      label: "X login",
      description: "As the owner of the account",
      page: "X",
      nearMs: 5 * MINUTE_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Begin again with an active X account.",
  delivery: delivered("Straight to the profile."),
  layouts: { pictures: "thread", ...anyVideo("thread") },
  cropsCarousels: false,
  settings: "xPostSettings",
  sample: "fernhillcoffee",
};
