import { PLATFORM_NAMES } from "../platforms/names";
import { isPlatform, platformName } from "../platforms/platforms";
import "./platform-icon.css";

/** The sign of what is no platform, such as text messages. */
const OTHER = "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z";

/** The sign of a platform, with its name for those who do not see it. */
export function PlatformIcon({ platform }: { readonly platform: string }) {
  return (
    <svg className="platform-icon" viewBox="0 0 16 16" role="img" aria-label={platformName(platform)}>
      <path d={isPlatform(platform) ? PLATFORM_NAMES[platform].icon : OTHER} />
    </svg>
  );
}
