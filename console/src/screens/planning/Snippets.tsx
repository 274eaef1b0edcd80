import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import type { Environment, Project, Snippet } from "presswork-client";
import { lazy, Suspense } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { snippetsQuery } from "../../snippets/queries";
import { Button } from "../../ui/Button";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { toast, toastError } from "../../ui/toasts";
import { Section } from "../projects/ProjectSections";

const SnippetDialog = lazy(() => import("./SnippetDialog"));

interface SnippetsProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly mayWrite: boolean;
  /** The one that is edited, or "new". */
  readonly open: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
}

/** The snippets of a project: texts that are inserted where one writes. */
export function Snippets({ environment, project, mayWrite, open, onOpen }: SnippetsProps) {
  const list = useQuery(snippetsQuery(environment, project.id));
  const edited = list.data?.find(({ id }) => id === open);
  return (
    <Section id="project-snippets" title="Snippets">
      <p className="soft small">
        Signatures, sets of hashtags, or whole templates. Insert them where you write, with the button or a slash.
      </p>
      <Loaded query={list} skeleton={<SkeletonRows rows={2} />}>
        {(snippets) =>
          snippets.length === 0 ? (
            <p className="soft">None yet.</p>
          ) : (
            <ul className="planning-list snippets" aria-label="Snippets">
              {snippets.map((snippet) => (
                <Row key={snippet.id} {...{ environment, snippet, mayWrite }} onEdit={() => onOpen(snippet.id)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {mayWrite && (
        <div>
          <Button onPress={() => onOpen("new")}>
            <Plus aria-hidden /> New snippet
          </Button>
        </div>
      )}
      <Suspense>
        {mayWrite && (edited !== undefined || open === "new") && (
          <SnippetDialog
            key={open}
            {...{ environment, project, snippet: edited ?? null, onClose: () => onOpen(undefined) }}
          />
        )}
      </Suspense>
    </Section>
  );
}

interface RowProps {
  readonly environment: Environment;
  readonly snippet: Snippet;
  readonly mayWrite: boolean;
  readonly onEdit: () => void;
}

function Row({ environment, snippet: { id, projectId, name, text }, mayWrite, onEdit }: RowProps) {
  const queries = useQueryClient();
  const { snippets } = clientOf(environment);
  const readAgain = () => queries.invalidateQueries({ queryKey: snippetsQuery(environment, projectId).queryKey });
  const restore = () => {
    snippets.create({ projectId, name, text }).then(readAgain, (error: unknown) => toastError(messageOf(error)));
  };
  const remove = useMutation({
    mutationFn: () => snippets.delete({ snippetId: id }),
    onSuccess: () => toast(`The snippet ${name} was deleted.`, { label: "Undo", run: restore }),
    onError: (error) => toastError(messageOf(error)),
    onSettled: readAgain,
  });
  return (
    <li className="planning-row">
      <span className="planning-text">
        {mayWrite ? (
          <button type="button" className="snippet-name" onClick={onEdit}>
            {name}
          </button>
        ) : (
          <strong>{name}</strong>
        )}
        <span className="soft small cut">{text}</span>
      </span>
      {mayWrite && (
        <Button
          kind="quiet"
          isIcon
          aria-label={`Delete ${name}`}
          isPending={remove.isPending}
          onPress={() => remove.mutate()}
        >
          <Trash2 aria-hidden />
        </Button>
      )}
    </li>
  );
}
