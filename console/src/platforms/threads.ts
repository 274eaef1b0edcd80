import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const threads: PlatformFacts = {
  icon: "M12.6 6.1c-.4-2.5-2-4-4.5-4C4.6 2.1 2.6 4.4 2.6 8s2 5.9 5.5 5.9c2.7 0 4.8-1.4 4.8-3.4 0-1.9-1.6-3-4.2-3-1.9 0-3.1.7-3.1 2 0 1 .9 1.8 2.2 1.8 2 0 3-1.6 2.9-4.3-.1-1.5-1-2.4-2.5-2.4-1.1 0-1.9.5-2.3 1.3",
  logins: [
    {
      id: "threads",
      label: "Threads login",
      description: "As the owner of the profile",
      page: "Threads",
      setUp: "Threads",
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
