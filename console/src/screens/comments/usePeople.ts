import { useQuery } from "@tanstack/react-query";
import type { Assignee, Environment } from "presswork-client";
import { assigneesQuery } from "../../comments/queries";

interface People {
  /** Those who see the project that is shown, or one of all. */
  readonly people: readonly Assignee[];
  /** Returns how a person is called to whom a comment is assigned. */
  readonly nameOf: (userId: string) => string;
}

/** Reads the names of people whom comments are assigned to. */
export function usePeople(environment: Environment, ownId: string, projectId: string | undefined): People {
  const people = useQuery(assigneesQuery(environment, projectId)).data;
  return {
    people: people ?? [],
    nameOf: (userId) => {
      if (userId === ownId) return "You";
      if (people === undefined) return "…";
      return people.find(({ id }) => id === userId)?.name ?? "A former colleague";
    },
  };
}
