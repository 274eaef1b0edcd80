import { useEffect, useState } from "react";

const LATER_MS = 1_000;

/** Whether a second has passed since the component was first shown: for what may load after all that was asked for. */
export function useLater(): boolean {
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), LATER_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLater;
}
