import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { type Dispatch, useMemo } from "react";
import { clientOf } from "../../api/client";
import { linkParam } from "../../content/links";
import { contentQuery } from "../../posts/queries";
import { creationOf, isThread, textChange } from "./call";
import type { Action, Draft } from "./draft";
import { type Finding, findingsOfError } from "./findings";
import { savedTexts } from "./useSavedContent";

/** Saves what a draft without files has. */
export interface TextContent {
  readonly save: () => Promise<Content>;
  readonly isPending: boolean;
  readonly isError: boolean;
  /** Why it was refused, until something else is written. */
  readonly findings: readonly Finding[];
}

/**
 * Creates the container of a draft without files, or changes its own one: as soon as a person wants to see its card or to have
 * it checked, else when it is sent. Texts that no one wants to keep never reach the library.
 */
export function useTextContent(
  environment: Environment,
  draft: Draft,
  content: Content | undefined,
  dispatch: Dispatch<Action>,
): TextContent {
  const queries = useQueryClient();
  const written = JSON.stringify(creationOf(draft));
  const save = useMutation({
    mutationFn: async (_written: string): Promise<Content> => {
      const saved =
        content === undefined
          ? await clientOf(environment).content.create(creationOf(draft))
          : await clientOf(environment).content.update({
              containerId: content.id,
              ...textChange(draft, savedTexts(content)),
              ...(!isThread(draft) && { link: linkParam(draft.link) }), // also the same one: its page is read again
            });
      queries.setQueryData(contentQuery(environment, saved.id).queryKey, saved);
      dispatch({ type: "saved", containerId: saved.id, link: draft.link });
      return saved;
    },
  });
  const { error, variables, isPending } = save;
  const isError = error !== null && variables === written;
  const findings = useMemo(() => (isError ? findingsOfError(error, draft, []) : []), [isError, error, draft]);
  return { save: () => save.mutateAsync(written), isPending, isError, findings };
}
