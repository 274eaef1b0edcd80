import { Link } from "@tanstack/react-router";
import type { Notification, Project } from "presswork-client";
import { NOTICES } from "../../notices/events";
import { Time } from "../../ui/Time";

const TO_DECIDE: ReadonlySet<string> = new Set(["content.pending", "content.reminder"]);

/** Where a notification leads: to the decision, where one waits. */
function linkOf({ event, path, subject }: Notification) {
  const [, environment = "live"] = path.split("/");
  if (!TO_DECIDE.has(event)) return { to: path };
  return { to: `/${environment}/approvals`, search: { content: subject.id } };
}

interface NoticeRowProps {
  readonly notice: Notification;
  /** Of which project it is; undefined: of the whole organization, or not known yet. */
  readonly project: Project | undefined;
}

/** A notification, which leads to what it is about. */
export function NoticeRow({ notice, project }: NoticeRowProps) {
  const { icon: Icon, tone } = NOTICES[notice.event];
  const isUnread = notice.readAt === null;
  return (
    <li className={`notice-row ${tone}${isUnread ? " unread" : ""}`}>
      <Icon aria-hidden />
      <div>
        <p>
          {isUnread && <span className="visually-hidden">Not read: </span>}
          <Link {...linkOf(notice)}>{notice.title}</Link>
        </p>
        {notice.text !== "" && <p className="soft small notice-text">{notice.text}</p>}
      </div>
      <span className="soft small notice-when">
        {project !== undefined && <span className="cut">{project.name}</span>}
        <Time at={notice.at} isRelative zone={project?.timezone} />
      </span>
    </li>
  );
}
