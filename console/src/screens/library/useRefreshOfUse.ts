import { useQueryClient } from "@tanstack/react-query";
import type { Environment, StreamEvent } from "presswork-client";
import { useCallback } from "react";

/** Returns what reads the library again once posts have changed: its cards show what content is used for. */
export function useRefreshOfUse(environment: Environment): (events: readonly StreamEvent[]) => void {
  const queries = useQueryClient();
  return useCallback(
    (events) => {
      if (!events.some(({ type }) => type.startsWith("post."))) return;
      void queries.invalidateQueries({ queryKey: [environment, "content", "library"] });
    },
    [queries, environment],
  );
}
