import type { CalendarDate } from "@internationalized/date";
import { ChevronRight } from "lucide-react";
import { memo } from "react";
import { AccountMarks } from "../../posts/AccountMarks";
import { jointState, type Row } from "../../posts/groups";
import { RowPicture } from "../../posts/RowPicture";
import { PostRow, type RowContext } from "./PostRow";
import { RowCheckbox } from "./RowCheckbox";
import { RowMenu } from "./RowMenu";
import { RowTime } from "./RowTime";

interface GroupRowProps {
  readonly context: RowContext;
  readonly row: Row;
  readonly day: CalendarDate;
  readonly isOpen: boolean;
  readonly onToggle: (row: string) => void;
}

/** One piece of content at one time: its accounts, one state for all, and below it its posts if it is opened. */
export const GroupRow = memo(ContentRow, isSame);

/** Whether a row looks as before: to select one of hundreds makes only that one again. What it calls reads the address itself. */
function isSame(before: GroupRowProps, after: GroupRowProps): boolean {
  const [former, latest] = [before.context, after.context];
  return (
    before.row === after.row &&
    before.isOpen === after.isOpen &&
    before.day.compare(after.day) === 0 &&
    former.gone === latest.gone &&
    former.zoneOf === latest.zoneOf &&
    (former.selection === null) === (latest.selection === null) &&
    after.row.posts.every(({ id }) => former.selection?.has(id) === latest.selection?.has(id))
  );
}

function ContentRow({ context, row, day, isOpen, onToggle }: GroupRowProps) {
  const { selection, gone, zoneOf } = context;
  const [post] = row.posts;
  if (post === undefined) return null;
  if (row.posts.length === 1) return <PostRow context={context} post={post} day={day} />;
  const ids = row.posts.map(({ id }) => id);
  const name = row.caption || "Without a caption";
  const { text, tone } = jointState(row.posts);
  const isSelected = selection !== null && ids.every(selection.has);
  const at = row.posts.some(({ scheduledFor }) => scheduledFor === row.scheduledFor)
    ? row.scheduledFor
    : post.scheduledFor;
  return (
    <li>
      <div
        className={`queue-row${isSelected ? " selected" : ""}${ids.every((id) => gone.has(id)) ? " gone" : ""}`}
        data-posts={ids.join(" ")}
      >
        {selection !== null && <RowCheckbox ids={ids} name={`all ${ids.length} of ${name}`} selection={selection} />}
        <RowPicture className="queue-thumbnail" url={row.thumbnailUrl} />
        <div className="queue-what">
          <button type="button" className="row-name" aria-expanded={isOpen} onClick={() => onToggle(row.id)}>
            <span className="cut">{name}</span>
            <ChevronRight aria-hidden />
          </button>
        </div>
        <span className="queue-where">
          <AccountMarks posts={row.posts} />
        </span>
        <span className={`small cut queue-state ${tone}`} title={text}>
          {text}
        </span>
        <RowTime at={at} zone={zoneOf(row.projectId)} day={day} />
        <RowMenu context={context} posts={row.posts} name={name} />
      </div>
      {isOpen && (
        <ul className="queue-posts" aria-label={`Posts of ${name}`}>
          {row.posts.map((one) => (
            <PostRow key={one.id} context={context} post={one} place="group" day={day} />
          ))}
        </ul>
      )}
    </li>
  );
}
