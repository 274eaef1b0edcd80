import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { clientOf } from "../../api/client";
import { queuedCountQuery } from "../../posts/queuedCount";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toasts";

interface ArchiveDialogProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly onClose: () => void;
}

/** Asks before a project is archived, and says what happens to its posts. */
export function ArchiveDialog({ environment, project, onClose }: ArchiveDialogProps) {
  const queries = useQueryClient();
  const queued = useQuery(queuedCountQuery(environment, { projectId: project.id }));
  const archive = useMutation({
    mutationFn: () => clientOf(environment).projects.update({ projectId: project.id, status: "archived" }),
    onSuccess: () => {
      toast(`${project.name} is archived.`);
      onClose();
    },
    onSettled: () =>
      Promise.all(
        ["projects", "posts", "content"].map((part) => queries.invalidateQueries({ queryKey: [environment, part] })),
      ),
  });
  return (
    <ConfirmDialog
      title={`Archive ${project.name}?`}
      action="Archive the project"
      isPending={archive.isPending}
      onConfirm={() => archive.mutate()}
      onClose={onClose}
    >
      {archive.isError && <ErrorNotice error={archive.error} />}
      {queued.isPending ? (
        <Skeleton height="44px" />
      ) : queued.data === undefined || queued.data === "none" ? (
        <p>It has no queued posts.</p>
      ) : (
        <Notice tone="warn" title={`${queued.data} will be canceled.`} />
      )}
      <p>This is final. The project accepts no content, accounts or posts any more; what it has stays readable.</p>
    </ConfirmDialog>
  );
}
