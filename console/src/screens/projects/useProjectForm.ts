import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { changesOf, fieldsAfter, fieldsOf, type ProjectFields, problemsOf } from "./fields";

interface Typed {
  readonly fields: ProjectFields;
  readonly reviewLinks: boolean;
}

/** What a person types about a project, and how it is saved. */
export function useProjectForm(environment: Environment, project: Project) {
  const queries = useQueryClient();
  const [before, setBefore] = useState(project); // what changed since then is not a change of this person
  const [typed, setTyped] = useState<Typed>(() => typedOf(project));
  const problems = problemsOf(typed.fields);
  const isWrong = Object.keys(problems).length > 0;
  const changes = isWrong ? {} : allChangesOf(before, typed);
  const save = useMutation({
    mutationFn: (sent: Typed) =>
      clientOf(environment).projects.update({ projectId: project.id, ...allChangesOf(before, sent) }),
    onSuccess: (saved, sent) => {
      setBefore(saved);
      setTyped((now) => ({
        fields: fieldsAfter(saved, sent.fields, now.fields),
        reviewLinks: now.reviewLinks === sent.reviewLinks ? saved.reviewLinks : now.reviewLinks,
      }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "projects"] }),
  });
  return {
    fields: typed.fields,
    reviewLinks: typed.reviewLinks,
    set: (name: keyof ProjectFields, value: string) =>
      setTyped((now) => ({ ...now, fields: { ...now.fields, [name]: value } })),
    setReviewLinks: (reviewLinks: boolean) => setTyped((now) => ({ ...now, reviewLinks })),
    isWrong,
    isChanged: isWrong || Object.keys(changes).length > 0,
    issues: { ...issuesOf(save.error), ...problems },
    error: save.error,
    isPending: save.isPending,
    save: () => save.mutateAsync(typed),
    discard: () => {
      save.reset();
      setTyped(typedOf(before));
    },
  };
}

export type ProjectFormState = ReturnType<typeof useProjectForm>;

function typedOf(project: Project): Typed {
  return { fields: fieldsOf(project), reviewLinks: project.reviewLinks };
}

function allChangesOf(before: Project, { fields, reviewLinks }: Typed) {
  return { ...changesOf(before, fields), ...(reviewLinks !== before.reviewLinks && { reviewLinks }) };
}
