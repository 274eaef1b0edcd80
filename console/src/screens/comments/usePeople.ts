import { useQueries } from "@tanstack/react-query";
import type { Assignee, Comment, Environment } from "presswork-client";
import { assigneesQuery } from "../../comments/queries";

interface People {
  /** Those who see the project that is shown; none where several are. */
  readonly people: readonly Assignee[];
  /** Returns how a person is called to whom a comment of a project is assigned. */
  readonly nameOf: (projectId: string, userId: string) => string;
}

/** Reads the names of people: those of the project that is shown, and of each project with an assigned comment in the list. */
export function usePeople(
  environment: Environment,
  ownId: string,
  projectId: string | undefined,
  rows: readonly Comment[],
): People {
  const assigned = rows.filter(({ assigneeId }) => assigneeId !== null && assigneeId !== ownId);
  const ids = [...new Set([...(projectId === undefined ? [] : [projectId]), ...assigned.map((one) => one.projectId)])];
  const read = useQueries({ queries: ids.map((id) => assigneesQuery(environment, id)) });
  const byProject = new Map(ids.map((id, place) => [id, read[place]?.data]));
  return {
    people: (projectId === undefined ? undefined : byProject.get(projectId)) ?? [],
    nameOf: (ofProject, userId) => {
      if (userId === ownId) return "You";
      const known = byProject.get(ofProject);
      if (known === undefined) return "…";
      return known.find(({ id }) => id === userId)?.name ?? "A former colleague";
    },
  };
}
