import { PLATFORM_NAMES } from "./names";

const PLATFORMS: Readonly<Record<string, { readonly name: string; readonly handlePrefix: string }>> = PLATFORM_NAMES;

/** The platforms as a list of choices, in the order of their names. */
export const PLATFORM_OPTIONS = Object.entries(PLATFORMS).map(([value, { name }]) => ({ name, value }));

/** Returns the name of an account as its platform writes it. */
export function handleOf(platform: unknown, handle: unknown): string {
  return `${PLATFORMS[String(platform)]?.handlePrefix ?? "@"}${handle}`;
}

/** Returns the name of a platform as it writes it. */
export function platformName(platform: unknown): string {
  return PLATFORMS[String(platform)]?.name ?? String(platform);
}
