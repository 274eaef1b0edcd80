import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Repeat } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { recurrenceQuery } from "../../recurrences/queries";
import { fieldsOf, ruleSentence } from "../../recurrences/rule";
import { Button } from "../../ui/Button";
import "./series-notice.css";

interface SeriesNoticeProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly recurrenceId: string;
  /** Null: the person may not change it. */
  readonly onSkip: (() => void) | null;
  readonly onEnd: (() => void) | null;
}

/** Says that a post is one of a series, and how often that goes out. */
export default function SeriesNotice({ environment, post, recurrenceId, onSkip, onEnd }: SeriesNoticeProps) {
  const recurrence = useQuery(recurrenceQuery(environment, recurrenceId)).data;
  const isEnded = recurrence?.status === "ended";
  return (
    <section className="series-notice" aria-label="Series">
      <Repeat aria-hidden />
      <p>
        One of a series{recurrence !== undefined && `: ${ruleSentence(fieldsOf(recurrence, recurrence.timezone))}`}
        {isEnded && ". It has ended"}.{" "}
        <Link
          to="/$environment/accounts/projects/$projectId/recurring"
          params={{ environment, projectId: post.projectId }}
        >
          Recurring posts
        </Link>
      </p>
      {onSkip !== null && post.status === "queued" && <Button onPress={onSkip}>Skip this one</Button>}
      {onEnd !== null && recurrence !== undefined && !isEnded && (
        <Button kind="danger" onPress={onEnd}>
          End the series
        </Button>
      )}
    </section>
  );
}
