import { DAY_MS, delivered, type PlatformFacts } from "./facts";

export const facebook: PlatformFacts = {
  logins: [
    {
      id: "facebook_pages",
      label: "Facebook login",
      description: "As a person who may create content on the Page",
      page: "Facebook",
      nearMs: 7 * DAY_MS,
      isRenewed: true,
    },
  ],
  noAccount: "Ask for a role on the Page that lets you create content, begin again, and select the Page.",
  delivery: delivered("Straight to the Page, as a post or a reel."),
  layouts: { pictures: "card", video: "card", upright: { layout: "fullScreen", longestSeconds: 90 } },
  cropsCarousels: false,
  settings: "facebookPostSettings",
  sample: "fernhill.roastery",
};
