/** The platforms, by their names in the API, with what each writes before a handle. */
const PLATFORMS: Readonly<Record<string, { readonly name: string; readonly prefix: string }>> = {
  bluesky: { name: "Bluesky", prefix: "@" },
  facebook: { name: "Facebook", prefix: "" },
  instagram: { name: "Instagram", prefix: "@" },
  linkedin: { name: "LinkedIn", prefix: "" },
  threads: { name: "Threads", prefix: "@" },
  tiktok: { name: "TikTok", prefix: "@" },
  youtube: { name: "YouTube", prefix: "@" },
};

/** The platforms as a list of choices, in the order of their names. */
export const PLATFORM_OPTIONS = Object.entries(PLATFORMS).map(([value, { name }]) => ({ name, value }));

/** Returns the name of an account as its platform writes it. */
export function handleOf(platform: unknown, handle: unknown): string {
  return `${PLATFORMS[String(platform)]?.prefix ?? "@"}${handle}`;
}

/** Returns the name of a platform as it writes it. */
export function platformName(platform: unknown): string {
  return PLATFORMS[String(platform)]?.name ?? String(platform);
}
