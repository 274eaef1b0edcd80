import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, Erasure, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Fact, Facts } from "../../ui/Facts";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { erasureQuery } from "./dataQueries";
import { JobProgress } from "./JobProgress";

interface EraseDialogProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly onClose: () => void;
  /** The project is gone. */
  readonly onErased: () => void;
}

/** Names of what a receipt counts, as people say them. */
const KINDS: Readonly<Record<string, string>> = {
  accounts: "Accounts",
  auditEntries: "Details in the audit log",
  bulkItems: "Results of bulk actions",
  content: "Content",
  drafts: "Drafts",
  exports: "Exports",
  layers: "Layers",
  links: "Links",
  logins: "Logins",
  mediaFiles: "Media files",
  posts: "Posts",
  storedReplies: "Stored responses",
  textMessages: "Text messages",
  webhookDeliveries: "Webhook deliveries",
  webhookEndpoints: "Webhook endpoints",
};

/** Asks for the name of an archived project, erases it, and shows the progress and the receipt. */
export function EraseDialog({ environment, project, onClose, onErased }: EraseDialogProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const running = useQuery(erasureQuery(environment, project.id));
  const erase = useMutation({
    mutationFn: () => clientOf(environment).projects.erase({ projectId: project.id }),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "erasures", project.id] }),
  });
  const erasure = running.data ?? undefined;
  const isDone = erasure?.status === "done";
  return (
    <Dialog
      isAlert
      isOpen
      onClose={isDone ? onErased : onClose}
      title={isDone ? "The project is erased" : `Erase ${project.name}?`}
      actions={
        erasure === undefined ? (
          <>
            <Button onPress={onClose}>Cancel</Button>
            <Button
              kind="danger"
              isPending={erase.isPending}
              isDisabled={running.isPending || name.trim() !== project.name}
              onPress={() => erase.mutate()}
            >
              Erase the project
            </Button>
          </>
        ) : (
          <Button kind="primary" onPress={isDone ? onErased : onClose}>
            {isDone ? "Done" : "Hide"}
          </Button>
        )
      }
    >
      <ErrorNotice error={erase.error ?? running.error} />
      {erasure === undefined ? (
        <>
          <Notice tone="warn" title="This can't be undone.">
            Content, media, posts, accounts with their access, drafts, links and exports are deleted, and so are the
            details about them in the audit log. Who did what and when stays. Posts that are live stay on their
            platforms: take them down first if they must go.
          </Notice>
          <TextField
            label={`Type “${project.name}” to confirm`}
            value={name}
            onChange={setName}
            autoComplete="off"
            autoFocus
          />
        </>
      ) : isDone ? (
        <Receipt erasure={erasure} />
      ) : (
        <>
          <p>It continues when you leave.</p>
          <JobProgress label="Erasure" progress={erasure.progress} />
          {erasure.error !== null && <Notice tone="warn">{erasure.error} It is tried again.</Notice>}
        </>
      )}
    </Dialog>
  );
}

function Receipt({ erasure }: { readonly erasure: Erasure }) {
  return (
    <>
      <p>This receipt stays. Note its id if you have to prove the erasure: it no longer names the customer.</p>
      <Facts>
        <Fact name="Receipt">
          <code>{erasure.id}</code> <CopyButton text={erasure.id} what="the id of the receipt" />
        </Fact>
        {Object.entries(erasure.counts).map(([kind, count]) => (
          <Fact key={kind} name={KINDS[kind] ?? kind}>
            {count.toLocaleString("en")}
          </Fact>
        ))}
      </Facts>
    </>
  );
}
