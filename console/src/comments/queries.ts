import { queryOptions } from "@tanstack/react-query";
import type { Environment, SavedReply } from "presswork-client";
import { clientOf } from "../api/client";

const PAGE = 200;

/** A comment. Events of the stream refresh it. */
export function commentQuery(environment: Environment, commentId: string) {
  return queryOptions({
    queryKey: [environment, "comments", "one", commentId],
    queryFn: () => clientOf(environment).comments.get({ commentId }),
  });
}

/** The people to whom comments of a project can be assigned, by name; without a project, those of all that one sees. */
export function assigneesQuery(environment: Environment, projectId: string | undefined) {
  return queryOptions({
    queryKey: [environment, "assignees", projectId ?? null],
    queryFn: async () =>
      (await clientOf(environment).comments.listAssignees(projectId === undefined ? {} : { projectId })).items,
    staleTime: 5 * 60_000,
  });
}

/** The saved replies of a project, by name. */
export function savedRepliesQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "saved-replies", projectId],
    queryFn: async (): Promise<readonly SavedReply[]> => {
      const saved: SavedReply[] = [];
      for await (const one of clientOf(environment).savedReplies.list({ projectId, limit: PAGE })) saved.push(one);
      return saved.toSorted((one, other) => one.name.localeCompare(other.name));
    },
    staleTime: 60_000,
  });
}
