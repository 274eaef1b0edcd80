import { useNavigate } from "@tanstack/react-router";
import { Code, Ellipsis, Eraser, FileStack, Repeat, Table2 } from "lucide-react";
import type { Environment, Project } from "presswork-client";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import type { Draft } from "./draft";
import { ProjectField } from "./ProjectField";

interface ComposeActionsProps {
  readonly environment: Environment;
  readonly projects: readonly Project[];
  readonly draft: Draft;
  readonly mayPublish: boolean;
  readonly isSending: boolean;
  readonly onProject: (projectId: string) => void;
  readonly onDrafts: () => void;
  /** Null: there is no call yet. */
  readonly onCode: (() => void) | null;
  /** Null: it can't be sent yet. */
  readonly onRepeat: (() => void) | null;
  readonly onAgain: () => void;
}

/** What can be done besides writing: drafts, another beginning, a table of posts, and the call as code. */
export function ComposeActions(props: ComposeActionsProps) {
  const { environment, projects, draft, mayPublish, isSending, onProject, onDrafts, onCode, onRepeat, onAgain } = props;
  const navigate = useNavigate();
  const openImport = () =>
    void navigate({
      to: "/$environment/compose/import",
      params: { environment },
      search: draft.projectId === null ? {} : { project: draft.projectId },
    });
  return (
    <>
      <ProjectField projects={projects} projectId={draft.projectId} isFixed={!draft.isOwn} onChange={onProject} />
      <Button kind="quiet" aria-label="Drafts" onPress={onDrafts}>
        <FileStack aria-hidden /> <span className="wide-only">Drafts</span>
      </Button>
      <Button kind="quiet" aria-label="Start over" isDisabled={isSending} onPress={onAgain}>
        <Eraser aria-hidden /> <span className="wide-only">Start over</span>
      </Button>
      <Menu
        label="More"
        trigger={
          <Button kind="quiet" isIcon aria-label="More">
            <Ellipsis aria-hidden />
          </Button>
        }
      >
        {mayPublish && (
          <MenuItem isDisabled={onRepeat === null} onAction={() => onRepeat?.()}>
            <Repeat aria-hidden /> Repeat…
          </MenuItem>
        )}
        {mayPublish && (
          <MenuItem onAction={openImport}>
            <Table2 aria-hidden /> Import a table
          </MenuItem>
        )}
        <MenuItem isDisabled={onCode === null} onAction={() => onCode?.()}>
          <Code aria-hidden /> Copy as code
        </MenuItem>
      </Menu>
    </>
  );
}
