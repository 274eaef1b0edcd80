import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const linkedin: PlatformFacts = {
  icon: "M3.5 1.5h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2ZM5 7.2v4.3M8 11.5V7.2M8 9.2a1.7 1.7 0 0 1 3.4 0v2.3M5 4.7v.01",
  logins: [
    {
      id: "linkedin",
      label: "LinkedIn login",
      description: "As a member, who then chooses the profile or a page",
      page: "LinkedIn",
      setUp: "LinkedIn",
      nearMs: 15 * DAY_MS,
      isRenewed: false, // but for LinkedIn's partners
    },
  ],
  noAccount: "Begin again, and allow every permission on LinkedIn's page.",
  delivery: delivered("Straight to the profile or the page."),
  layouts: { pictures: "card", ...anyVideo("card") },
  cropsCarousels: false,
  settings: "linkedinPostSettings",
  sample: "fernhill-coffee",
};
