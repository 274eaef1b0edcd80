import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Content, Environment, PreflightPart, TargetParam } from "presswork-client";
import { useMemo } from "react";
import { clientOf } from "../../api/client";
import { useSettled } from "../../ui/useSettled";
import { arePartsChanged, targetsOf } from "./call";
import type { Draft } from "./draft";
import { type Finding, findingsOf, findingsOfError, priceText } from "./findings";
import { savedTexts } from "./useSavedContent";

export interface Preflight {
  readonly findings: readonly Finding[];
  /** What the posts cost together; null where all are free. */
  readonly price: string | null;
  /** Whether the findings are not yet about what is written now. */
  readonly isChecking: boolean;
  /** The parts in which accounts get the post, as they are sent, by the accounts' ids. */
  readonly parts: ReadonlyMap<string, readonly PreflightPart[]>;
  /** The texts that accounts get, with their variables and links filled in, by the accounts' ids; only where that changes them. */
  readonly texts: ReadonlyMap<string, FilledTexts>;
}

/** Texts as they are sent. */
export interface FilledTexts {
  readonly caption: string;
  readonly firstComment: string | null;
}

/**
 * Asks what would happen, a moment after each change; a newer question aborts the older one. It needs a container, which the
 * upload makes. Texts that the container does not have yet are sent as overrides, so nothing is changed.
 */
export function usePreflight(environment: Environment, draft: Draft, content: Content | undefined): Preflight {
  const targets = useMemo(() => (content === undefined ? [] : targetsOf(draft, savedTexts(content))), [draft, content]);
  const asked = useSettled(JSON.stringify(targets));
  const containerId = content?.id ?? "";
  // Parts can't be overridden: they are checked once they are saved.
  const isSaved = content !== undefined && !arePartsChanged(draft, savedTexts(content));
  const isAsked = !draft.isDone && isSaved && targets.length > 0 && asked !== "[]";
  const query = useQuery({
    queryKey: [environment, "preflight", containerId, content?.status, content?.revision, asked],
    queryFn: ({ signal }) =>
      clientOf(environment).publishing.preflight(
        { containerId, targets: JSON.parse(asked) as TargetParam[] },
        { signal },
      ),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const findings = useMemo(() => {
    if (!isAsked) return [];
    if (query.error !== null) return findingsOfError(query.error, draft, targets);
    return query.data === undefined ? [] : findingsOf(query.data, draft);
  }, [isAsked, query.data, query.error, draft, targets]);
  const parts = useMemo(() => {
    const found = isAsked ? (query.data?.targets ?? []) : [];
    return new Map(found.flatMap((one) => (one.parts === null ? [] : [[one.socialAccountId, one.parts] as const])));
  }, [isAsked, query.data]);
  const texts = useMemo(() => {
    const found = isAsked ? (query.data?.targets ?? []) : [];
    return new Map(found.flatMap((one) => (one.texts === null ? [] : [[one.socialAccountId, one.texts] as const])));
  }, [isAsked, query.data]);
  const cost = isAsked ? (query.data?.estimatedCost ?? null) : null;
  return {
    findings,
    price: cost === null ? null : priceText(cost),
    parts,
    texts,
    isChecking: isAsked && (query.isFetching || query.isPlaceholderData || asked !== JSON.stringify(targets)),
  };
}
