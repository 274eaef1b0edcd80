import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import type { Environment, ImportResult } from "presswork-client";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";

interface DoneProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly answer: ImportResult;
  readonly onAgain: () => void;
}

/** What an import created, and where it is. */
export function Done({ environment, projectId, answer, onAgain }: DoneProps) {
  const posts = answer.rows.reduce((sum, row) => sum + row.scheduledPostIds.length, 0);
  const waiting = answer.rows.filter(({ gateStatus }) => gateStatus === "blocked_on_approval").length;
  return (
    <div className="panel">
      <EmptyState
        icon={CircleCheck}
        title={`${posts} ${posts === 1 ? "post is" : "posts are"} created`}
        actions={
          <>
            <Link
              className="button primary"
              to="/$environment/queue"
              params={{ environment }}
              search={{ project: projectId }}
            >
              Open the queue
            </Link>
            <Link
              className="button plain"
              to="/$environment/calendar"
              params={{ environment }}
              search={{ project: projectId }}
            >
              Open the calendar
            </Link>
            <Button kind="quiet" onPress={onAgain}>
              Import another file
            </Button>
          </>
        }
      >
        {waiting === 0
          ? "They go out at their times."
          : `${waiting} ${waiting === 1 ? "row waits" : "rows wait"} for approval; their posts are created when it is given.`}
      </EmptyState>
    </div>
  );
}
