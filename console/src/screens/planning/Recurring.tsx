import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Pencil, Repeat, Square } from "lucide-react";
import type { Environment, Project, Recurrence } from "presswork-client";
import { lazy, Suspense } from "react";
import { captionLine } from "../../posts/captionLine";
import { contentQuery } from "../../posts/queries";
import { recurrencesQuery } from "../../recurrences/queries";
import { fieldsOf, ruleSentence } from "../../recurrences/rule";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { dayTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import { Part } from "./Part";

const EndSeries = lazy(() => import("../../recurrences/EndSeries"));
const RepeatDialog = lazy(() => import("../../recurrences/RepeatDialog"));
const route = getRouteApi("/$environment/accounts/projects/$projectId/recurring");

/** The posts of a project that go out again and again. */
export default function Recurring() {
  const { environment, projectId } = route.useParams();
  return (
    <Part environment={environment} projectId={projectId}>
      {(project) => <List environment={environment} project={project} />}
    </Part>
  );
}

interface ListProps {
  readonly environment: Environment;
  readonly project: Project;
}

function List({ environment, project }: ListProps) {
  const { edit, end } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const list = useQuery(recurrencesQuery(environment, project.id));
  const mayWrite = session.scopes.includes("publish:write");
  const close = () => void navigate({ search: {}, replace: true });
  const edited = list.data?.find(({ id }) => id === edit);
  return (
    <>
      <Loaded query={list} skeleton={<SkeletonRows rows={3} />}>
        {(found) =>
          found.length === 0 ? (
            <div className="panel">
              <EmptyState icon={Repeat} title="Nothing repeats yet">
                Choose “Repeat…” in Compose, or on the page of a post or its content.
              </EmptyState>
            </div>
          ) : (
            <ul className="panel planning-list" aria-label="Recurring posts">
              {found.map((recurrence) => (
                <Row
                  key={recurrence.id}
                  {...{ environment, recurrence, mayWrite }}
                  onEdit={() => void navigate({ search: { edit: recurrence.id } })}
                  onEnd={() => void navigate({ search: { end: recurrence.id } })}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Suspense>
        {mayWrite && edited !== undefined && (
          <RepeatDialog
            key={edited.id}
            {...{ environment, zone: project.timezone, recurrence: edited, prepare: null, onClose: close }}
          />
        )}
        {mayWrite && end !== undefined && <EndSeries {...{ environment, recurrenceId: end, onClose: close }} />}
      </Suspense>
    </>
  );
}

interface RowProps {
  readonly environment: Environment;
  readonly recurrence: Recurrence;
  readonly mayWrite: boolean;
  readonly onEdit: () => void;
  readonly onEnd: () => void;
}

function Row({ environment, recurrence, mayWrite, onEdit, onEnd }: RowProps) {
  const now = useNow();
  const { containerId, timezone, nextAt, targets } = recurrence;
  const content = useQuery(contentQuery(environment, containerId)).data;
  const isEnded = recurrence.status === "ended";
  const accounts = targets.length === 1 ? "1 account" : `${targets.length} accounts`;
  return (
    <li className="planning-row">
      <div className="planning-text">
        <span className="planning-name">
          <Link to="/$environment/content/$containerId" params={{ environment, containerId }}>
            {content === undefined ? "…" : captionLine(content.caption) || "Without a text"}
          </Link>
          {isEnded && <Badge>Ended</Badge>}
        </span>
        <span className="soft small">
          {ruleSentence(fieldsOf(recurrence, timezone))} · {accounts}
          {nextAt !== null && ` · next: ${dayTime(new Date(nextAt), now, timezone)}`}
        </span>
        {recurrence.lastError !== null && !isEnded && (
          <span className="small planning-error">{recurrence.lastError.message}</span>
        )}
      </div>
      {mayWrite && !isEnded && (
        <>
          <Button onPress={onEdit}>
            <Pencil aria-hidden /> Edit
          </Button>
          <Button kind="danger" onPress={onEnd}>
            <Square aria-hidden /> End
          </Button>
        </>
      )}
    </li>
  );
}
