import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileStack, Trash2 } from "lucide-react";
import type { Environment, Project, Draft as ServerDraft } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toastError } from "../../ui/toasts";
import "./drafts.css";
import { draftOf, titleOf } from "./keptDraft";
import { networksOf } from "./networks";

const MOST = 100;

interface DraftsDialogProps {
  readonly environment: Environment;
  readonly projects: readonly Project[];
  /** The draft that is open. */
  readonly openId: string | undefined;
  readonly onClose: () => void;
}

/** The drafts of all projects that a person sees, those that were changed last first. */
export default function DraftsDialog({ environment, projects, openId, onClose }: DraftsDialogProps) {
  const list = useQuery({
    queryKey: [environment, "drafts"],
    queryFn: async () => (await clientOf(environment).drafts.list({ limit: MOST })).items,
    staleTime: 0,
  });
  return (
    <Dialog title="Drafts" isOpen onClose={onClose} size="large">
      {list.isPending && <SkeletonRows rows={3} />}
      {list.isError && <ErrorNotice error={list.error} />}
      {list.data?.length === 0 && (
        <EmptyState icon={FileStack} title="No drafts yet">
          Save a draft to continue it on another device, or to let a colleague do so.
        </EmptyState>
      )}
      <ul className="drafts">
        {list.data?.map((draft) => (
          <DraftRow
            key={draft.id}
            {...{ environment, draft, onClose }}
            project={projects.length > 1 ? projects.find(({ id }) => id === draft.projectId) : undefined}
            isOpen={draft.id === openId}
          />
        ))}
      </ul>
    </Dialog>
  );
}

interface DraftRowProps {
  readonly environment: Environment;
  readonly draft: ServerDraft;
  readonly project: Project | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function DraftRow({ environment, draft: kept, project, isOpen, onClose }: DraftRowProps) {
  const queries = useQueryClient();
  const draft = draftOf(kept);
  const title = draft === null ? "From another program" : titleOf(draft);
  const remove = useMutation({
    mutationFn: () => clientOf(environment).drafts.delete({ draftId: kept.id }),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "drafts"] }),
    onError: (error) => toastError(messageOf(error)),
  });
  return (
    <li className="draft-row">
      {draft === null ? (
        <span className="soft">{title}</span>
      ) : (
        <Link
          className="cut"
          to="/$environment/compose"
          params={{ environment }}
          search={{ draft: kept.id }}
          onClick={isOpen ? onClose : undefined}
        >
          {title}
        </Link>
      )}
      <span className="draft-networks">
        {draft !== null && networksOf(draft).map((platform) => <PlatformIcon key={platform} platform={platform} />)}
      </span>
      <span className="soft small cut">
        {project !== undefined && `${project.name} · `}
        {kept.updatedByName !== null && `${kept.updatedByName}, `}
        <Time at={kept.updatedAt} isRelative />
      </span>
      <Button
        kind="quiet"
        isIcon
        aria-label={`Delete the draft ${title}`}
        isPending={remove.isPending}
        isDisabled={isOpen}
        onPress={() => remove.mutate()}
      >
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}
