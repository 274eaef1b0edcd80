import "./platform-icon.css";

/** Our own simple signs, drawn for 16 px; the platforms' logos are their property. */
const PATHS: Readonly<Record<string, string>> = {
  instagram:
    "M4.5 1.5h7a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3Zm3.5 4a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Zm3.6-1.4v.01",
  tiktok: "M9 1.5v8.75a2.75 2.75 0 1 1-2.75-2.75M9 1.5c.3 2.2 1.8 3.7 4 4",
  threads:
    "M12.9 5.2C12.3 3 10.6 1.7 8 1.7c-3.6 0-5.6 2.5-5.6 6.3s2 6.3 5.6 6.3c3.1 0 5.1-1.7 5.1-3.9 0-3.2-6.9-4.1-7.6-.9-.4 1.9 3.8 2.8 4.8.2.7-1.9.1-4.6-2.2-4.7-1-.1-1.8.3-2.3 1.1",
  youtube:
    "M4 3h8a2.5 2.5 0 0 1 2.5 2.5v5A2.5 2.5 0 0 1 12 13H4a2.5 2.5 0 0 1-2.5-2.5v-5A2.5 2.5 0 0 1 4 3Zm2.7 2.7v4.6L10.6 8Z",
};

const NAMES: Readonly<Record<string, string>> = {
  instagram: "Instagram",
  tiktok: "TikTok",
  threads: "Threads",
  youtube: "YouTube",
};

/** Returns the name of a platform as it writes it. */
export function platformName(platform: string): string {
  return NAMES[platform] ?? platform;
}

/** The sign of a platform, with its name for those who do not see it. */
export function PlatformIcon({ platform }: { readonly platform: string }) {
  return (
    <svg className="platform-icon" viewBox="0 0 16 16" role="img" aria-label={platformName(platform)}>
      <path d={PATHS[platform] ?? "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z"} />
    </svg>
  );
}
