import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const threads: PlatformFacts = {
  logins: [
    {
      id: "threads",
      label: "Threads login",
      description: "As the owner of the profile",
      page: "Threads",
      nearMs: 7 * DAY_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Create a Threads profile in the Threads app, and begin again.",
  delivery: delivered("Straight to the profile."),
  layouts: { pictures: "thread", ...anyVideo("thread") },
  cropsCarousels: false,
  settings: "threadsPostSettings",
  sample: "fernhill_coffee",
};
