import { anyVideo, DAY_MS, delivered, type PlatformFacts } from "./facts";

export const linkedin: PlatformFacts = {
  logins: [
    {
      id: "linkedin",
      label: "LinkedIn login",
      description: "As a member, who then chooses the profile or a page",
      page: "LinkedIn",
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
