import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { Environment, PlatformSetup } from "presswork-client";
import { loginName } from "../../platforms/loginNames";
import { findLogin } from "../../platforms/logins";
import { Badge } from "../../ui/Badge";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { setupState } from "./setup";

interface PlatformsProps {
  readonly environment: Environment;
  readonly publicUrl: string | null;
  readonly platforms: readonly PlatformSetup[];
}

/** How far each platform is set up, with the way to its wizard. */
export function Platforms({ environment, publicUrl, platforms }: PlatformsProps) {
  return (
    <section className="panel" aria-labelledby="system-platforms">
      <header className="system-part-head">
        <h2 id="system-platforms">Platforms</h2>
        <p className="soft small">For live projects. Test projects use the sandbox and need none of it.</p>
        <p className="platforms-address">
          <span className="soft">Public address:</span> {publicUrl === null ? "none yet" : <code>{publicUrl}</code>}{" "}
          <Link to="/$environment/system" params={{ environment }} search={{ open: "address" }}>
            {publicUrl === null ? "Set it" : "Change"}
          </Link>
        </p>
      </header>
      <ul className="platforms">
        {platforms.map((setup) => (
          <li key={setup.platform} className="platform-row">
            <Link to="/$environment/system/platforms/$platform" params={{ environment, platform: setup.platform }}>
              <PlatformIcon platform={findLogin(setup.platform)?.platform ?? setup.platform} />
              <span>
                <strong>{loginName(setup.platform)}</strong>
                <span className="soft small">{describe(setup)}</span>
              </span>
              <Badge tone={setupState(setup).tone}>{setupState(setup).text}</Badge>
              <ChevronRight aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function describe({ platform, state, clientIdHint }: PlatformSetup): string {
  if (state === "environment") return `App …${clientIdHint ?? ""}, set in the environment`;
  if (state === "stored") return `App …${clientIdHint ?? ""}, stored here`;
  return platform === "facebook" ? "Only for accounts that connect by their Page" : "No app yet";
}
