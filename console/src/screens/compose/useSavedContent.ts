import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { type Dispatch, useEffect } from "react";
import { clientOf } from "../../api/client";
import { MAX_CHARACTERS } from "../../api/maxima";
import { characters } from "../../platforms/texts";
import { contentQuery } from "../../posts/queries";
import type { SavedTexts } from "./call";
import type { Action, Draft } from "./draft";
import { finalizeSeconds } from "./putFile";

/** Reads the container of a draft. */
export function useContainer(environment: Environment, containerId: string | null): Content | undefined {
  const query = useQuery({ ...contentQuery(environment, containerId ?? ""), enabled: containerId !== null });
  return containerId === null ? undefined : query.data;
}

/** Returns the texts that the server has of the content. */
export function savedTexts(content: Content): SavedTexts {
  const altTexts = new Map(content.media.map(({ id, altText }) => [id, altText]));
  const parts = (content.parts ?? []).map(({ text }) => text);
  const { caption, firstComment, labels } = content;
  return { caption, parts, firstComment, altTexts, labels };
}

/**
 * Completes the container. It is done as soon as all files are there, so that preflight can check the media; content that
 * waits for approval is completed only when it is sent for review, since reviewers see it from then on.
 */
export function useFinalize(
  environment: Environment,
  draft: Draft,
  content: Content | undefined,
  isUploaded: boolean,
  dispatch: Dispatch<Action>,
) {
  const queries = useQueryClient();
  const { containerId } = draft;
  const finalize = useMutation({
    mutationFn: async (): Promise<Content> => {
      if (content?.status === "completed") return content;
      const isFitting = characters(draft.caption) <= MAX_CHARACTERS.caption;
      const sizeBytes = draft.files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const completed = await clientOf(environment).content.finalizeUpload(
        {
          containerId: containerId ?? "",
          caption: isFitting ? draft.caption : "", // the call sends the rest, and says what is wrong with it
          firstComment: draft.firstComment || null,
          ...(draft.labels.length > 0 && { labels: draft.labels }),
          media: draft.files.map(({ altText }) => ({ altText: altText || null })),
        },
        { timeoutSeconds: finalizeSeconds(sizeBytes) },
      );
      queries.setQueryData(contentQuery(environment, completed.id).queryKey, completed);
      dispatch({ type: "completed", containerId: completed.id, media: completed.media });
      return completed;
    },
  });
  const { mutate, reset } = finalize;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another container is another attempt
  useEffect(reset, [containerId]);
  const isDue = isUploaded && content?.status === "queued" && content.approvalStatus !== "pending";
  useEffect(() => {
    if (isDue) mutate();
  }, [isDue, mutate]);
  return finalize;
}
