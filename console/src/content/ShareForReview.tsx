import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../api/client";
import { issuesOf } from "../api/errors";
import { Button } from "../ui/Button";
import { Checkbox } from "../ui/Checkbox";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Notice } from "../ui/Notice";
import { SecretDialog } from "../ui/SecretDialog";
import { Select } from "../ui/Select";
import { TextField } from "../ui/TextField";

const LIFETIMES = [
  { id: "24", label: "1 day" },
  { id: "72", label: "3 days" },
  { id: "168", label: "7 days" },
  { id: "720", label: "30 days" },
] as const;
const MOST = 20;

interface ShareForReviewProps {
  readonly environment: Environment;
  readonly contents: readonly Pick<Content, "id" | "projectId" | "approvalStatus">[];
  readonly onClose: () => void;
}

/** Makes a link at which people without access review content, and shows its address once. */
export default function ShareForReview({ environment, contents, onClose }: ShareForReviewProps) {
  const queries = useQueryClient();
  const [hours, setHours] = useState<(typeof LIFETIMES)[number]["id"]>("168");
  const [recipient, setRecipient] = useState("");
  const [note, setNote] = useState("");
  const [mayDecide, setMayDecide] = useState(true);
  const problem = problemOf(contents);
  const waits = contents.some(({ approvalStatus }) => approvalStatus === "pending");
  const make = useMutation({
    mutationFn: () =>
      clientOf(environment).reviewLinks.create({
        containerIds: contents.map(({ id }) => id),
        expiresInHours: Number(hours),
        canDecide: mayDecide && waits,
        ...(recipient.trim() !== "" && { recipientName: recipient.trim() }),
        ...(note.trim() !== "" && { note: note.trim() }),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [environment, "review-links"] }),
  });
  const issues = issuesOf(make.error);
  if (make.data !== undefined) {
    return <SecretDialog title="The new review link" what="the link" secret={make.data.url} onClose={onClose} />;
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={contents.length === 1 ? "Share for review" : `Share ${contents.length} items for review`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={make.isPending}
            isDisabled={problem !== undefined}
            onPress={() => make.mutate()}
          >
            Make the link
          </Button>
        </>
      }
    >
      <p>At the page of the link, people see the content and when it goes out, without access to this console.</p>
      {problem !== undefined && <Notice tone="warn">{problem}</Notice>}
      <ErrorNotice error={make.error} fields={["recipientName", "note"]} />
      <TextField
        label="Recipient"
        value={recipient}
        onChange={setRecipient}
        placeholder="Marta"
        description="The name that the page suggests for decisions."
        error={issues["recipientName"]}
      />
      <TextField label="Note to the recipient" rows={2} value={note} onChange={setNote} error={issues["note"]} />
      <Select label="Expires after" choices={LIFETIMES} value={hours} onChange={setHours} />
      {waits ? (
        <Checkbox isSelected={mayDecide} onChange={setMayDecide}>
          Let them approve, request changes and reject
        </Checkbox>
      ) : (
        <p className="soft">Nothing here waits for approval, so the page only shows it.</p>
      )}
    </Dialog>
  );
}

function problemOf(contents: ShareForReviewProps["contents"]): string | undefined {
  if (contents.length > MOST) return `A link shows at most ${MOST} items. Select fewer.`;
  if (new Set(contents.map(({ projectId }) => projectId)).size > 1)
    return "A link shows items of one project. Select those of one project.";
  return undefined;
}
