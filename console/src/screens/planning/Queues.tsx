import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ListPlus, Plus } from "lucide-react";
import type { Environment, Project, Queue } from "presswork-client";
import { lazy, Suspense } from "react";
import { isArchived } from "../../api/projects";
import { queuesQuery } from "../../queues/queries";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { Part } from "./Part";
import { QueueRow } from "./QueueRow";

const DeleteQueue = lazy(() => import("./DeleteQueue"));
const QueueDialog = lazy(() => import("./QueueDialog"));
const ReshuffleDialog = lazy(() => import("./ReshuffleDialog"));
const route = getRouteApi("/$environment/accounts/projects/$projectId/queues");

/** The queues of a project: the times at which its posts go out. */
export default function Queues() {
  const { environment, projectId } = route.useParams();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const mayWrite = session.scopes.includes("projects:write");
  const open = (queue: string) => void navigate({ search: { queue } });
  return (
    <Part
      environment={environment}
      projectId={projectId}
      actions={
        mayWrite && (
          <Button kind="primary" onPress={() => open("new")}>
            <Plus aria-hidden /> New queue
          </Button>
        )
      }
    >
      {(project) => <List environment={environment} project={project} mayWrite={mayWrite && !isArchived(project)} />}
    </Part>
  );
}

interface ListProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly mayWrite: boolean;
}

function List({ environment, project, mayWrite }: ListProps) {
  const { session } = route.useRouteContext();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queues = useQuery(queuesQuery(environment, project.id));
  const named = (id: string | undefined): Queue | undefined => queues.data?.find((queue) => queue.id === id);
  const close = () => void navigate({ search: {}, replace: true });
  const [edited, shuffled, removed] = [named(search.queue), named(search.reshuffle), named(search.remove)];
  const mayMove = session.scopes.includes("publish:write");
  return (
    <>
      <Loaded query={queues} skeleton={<SkeletonRows rows={3} />}>
        {(found) =>
          found.length === 0 ? (
            <div className="panel">
              <EmptyState icon={ListPlus} title="No queues yet">
                A queue has times of the week. What you add to it goes out at the next time that is free.
              </EmptyState>
            </div>
          ) : (
            <ul className="panel planning-list" aria-label="Queues">
              {found.map((queue) => (
                <QueueRow
                  key={queue.id}
                  {...{ environment, queue, project, mayWrite, mayMove }}
                  onEdit={() => void navigate({ search: { queue: queue.id } })}
                  onReshuffle={() => void navigate({ search: { reshuffle: queue.id } })}
                  onDelete={() => void navigate({ search: { remove: queue.id } })}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Suspense>
        {mayWrite && (edited !== undefined || search.queue === "new") && (
          <QueueDialog key={search.queue} {...{ environment, project, queue: edited ?? null, onClose: close }} />
        )}
        {mayMove && shuffled !== undefined && <ReshuffleDialog {...{ environment, queue: shuffled, onClose: close }} />}
        {mayWrite && removed !== undefined && <DeleteQueue {...{ environment, queue: removed, onClose: close }} />}
      </Suspense>
    </>
  );
}
