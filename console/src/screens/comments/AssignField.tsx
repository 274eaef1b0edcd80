import { useQuery } from "@tanstack/react-query";
import type { Comment, Environment } from "presswork-client";
import type { SignedIn } from "../../api/session";
import { assigneesQuery } from "../../comments/queries";
import { Select } from "../../ui/Select";

const NO_ONE = "-";

interface AssignFieldProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly comment: Comment;
  readonly isDisabled: boolean;
  readonly onAssign: (assigneeId: string | null) => void;
}

/** Who takes care of a comment: one of those who see its project. */
export function AssignField({ environment, session, comment, isDisabled, onAssign }: AssignFieldProps) {
  const people = useQuery(assigneesQuery(environment, comment.projectId)).data ?? [];
  const own = session.user.id;
  const others = people.filter(({ id }) => id !== own);
  const choices = [
    { id: NO_ONE, label: "Not assigned" },
    { id: own, label: "Me" },
    ...others.map(({ id, name }) => ({ id, label: name })),
  ];
  return (
    <Select
      label="Assigned to"
      isLabelHidden
      choices={choices}
      value={comment.assigneeId ?? NO_ONE}
      placeholder="Someone else"
      isDisabled={isDisabled}
      onChange={(id) => onAssign(id === NO_ONE ? null : id)}
    />
  );
}
