import type { Environment } from "presswork-client";
import { useEffect, useState } from "react";
import { newSince, type Visit, visitAt, visitOf } from "./visits";

const WRITTEN_EVERY_MS = 60_000;

interface LastVisit {
  readonly since: Date;
  readonly isFirst: boolean;
  /** From now on, only what happens later is new. */
  readonly markSeen: () => void;
}

/** Returns when this person's last visit ended in this browser and environment, and remembers that they are here. */
export function useLastVisit(environment: Environment, userId: string): LastVisit {
  const key = `presswork-visit ${environment} ${userId}`;
  const [visit, setVisit] = useState<Visit>(() => visitAt(new Date(), visitOf(localStorage.getItem(key))));
  useEffect(() => localStorage.setItem(key, JSON.stringify(visit)), [key, visit]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setVisit((before) => visitAt(new Date(), before));
    }, WRITTEN_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return {
    since: newSince(visit),
    isFirst: visit.since === undefined,
    markSeen: () => {
      const now = new Date().toISOString();
      setVisit({ seenAt: now, since: now });
    },
  };
}
