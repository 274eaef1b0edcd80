import type { LoginName } from "presswork-client";

/** What the set-up of each login is called. */
const LOGIN_NAMES: Readonly<Record<LoginName, string>> = {
  instagram: "Instagram login",
  facebook: "Instagram by Facebook",
  tiktok: "TikTok",
  facebook_pages: "Facebook Pages",
  threads: "Threads",
  youtube: "YouTube",
  linkedin: "LinkedIn",
  bluesky: "Bluesky",
  mastodon: "Mastodon",
  x: "X",
  telegram: "Telegram",
  pinterest: "Pinterest",
};

/** Whether a text is the name of a login. */
export function isLogin(text: string): text is LoginName {
  return Object.hasOwn(LOGIN_NAMES, text);
}

/** Returns what the set-up of a login is called. */
export function loginName(login: LoginName): string {
  return LOGIN_NAMES[login];
}
