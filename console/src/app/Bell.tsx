import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell as BellIcon } from "lucide-react";
import type { Environment } from "presswork-client";
import { unreadQuery } from "../notices/queries";
import { buttonClass } from "../ui/Button";
import { useLater } from "../ui/useLater";

const MOST = 99;

/** The way to the notifications, with the number of those that are not read. It is read after what the screen shows. */
export function Bell({ environment }: { readonly environment: Environment }) {
  const isLater = useLater();
  const unread = useQuery({ ...unreadQuery(environment), enabled: isLater }).data ?? 0;
  return (
    <Link
      className={`${buttonClass("quiet", true)} bell`}
      to="/$environment/notifications"
      params={{ environment }}
      aria-label={unread === 0 ? "Notifications" : `Notifications, ${unread} not read`}
    >
      <BellIcon aria-hidden />
      {unread > 0 && (
        <span className="bell-count" aria-hidden>
          {unread > MOST ? `${MOST}+` : unread}
        </span>
      )}
    </Link>
  );
}
