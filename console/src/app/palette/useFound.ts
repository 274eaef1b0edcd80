import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useEffect, useState } from "react";
import { clientOf } from "../../api/client";

const PAUSE_MS = 200;

/** Searches what was typed, a moment after the last key. The former search is cancelled, and its results stay until the next are there. */
export function useFound(environment: Environment, typed: string, mayRead: boolean) {
  const [asked, setAsked] = useState("");
  const text = typed.trim();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({
    queryKey: [environment, "find", asked],
    queryFn: ({ signal }) => clientOf(environment).service.search({ q: asked }, { signal }),
    enabled: mayRead && asked !== "",
    placeholderData: keepPreviousData,
  });
  return {
    data: text === "" ? undefined : query.data,
    isSearching: mayRead && text !== "" && (text !== asked || query.isFetching),
    error: query.error,
  };
}
