import { Link } from "@tanstack/react-router";
import type { Notification, Project } from "presswork-client";
import { personText } from "../../api/personText";
import { NOTICES } from "../../notices/events";
import { Time } from "../../ui/Time";

const TO_DECIDE: ReadonlySet<string> = new Set(["content.pending", "content.reminder"]);

/** Where a notification leads: to the decision, where one waits. */
function linkOf({ event, path, subject }: Notification) {
  const [, environment = "live"] = path.split("/");
  if (!TO_DECIDE.has(event)) return { to: path };
  return { to: `/${environment}/approvals`, search: { content: subject.id } };
}

/** Returns what is said besides the title, as a person reads it. The project has its own place. */
function textOf(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("Project: "));
  return lines
    .map(personText)
    .filter((line) => line !== null)
    .join(" · ");
}

interface NoticeRowProps {
  readonly notice: Notification;
  /** Of which project it is; undefined: of the whole organization, or not known yet. */
  readonly project: Project | undefined;
}

/** A notification, which leads to what it is about. */
export function NoticeRow({ notice, project }: NoticeRowProps) {
  const { icon: Icon, tone } = NOTICES[notice.event];
  const text = textOf(notice.text);
  const isUnread = notice.readAt === null;
  return (
    <li className={`notice-row ${tone}${isUnread ? " unread" : ""}`}>
      <Icon aria-hidden />
      <div>
        <p>
          {isUnread && <span className="visually-hidden">Not read: </span>}
          <Link {...linkOf(notice)}>{notice.title}</Link>
        </p>
        {text !== "" && <p className="soft small notice-text">{text}</p>}
      </div>
      <span className="soft small notice-when">
        {project !== undefined && <span className="cut">{project.name}</span>}
        <Time at={notice.at} isRelative zone={project?.timezone} />
      </span>
    </li>
  );
}
