import { useEffect } from "react";
import { registerServiceWorker } from "../api/serviceWorker";
import { useLater } from "../ui/useLater";

/** Registers the service worker once all else is loaded. A browser that has none, as without https, shows the console all the same. */
export function useServiceWorker(): void {
  const isLater = useLater();
  useEffect(() => {
    if (isLater && "serviceWorker" in navigator) registerServiceWorker().catch(() => undefined);
  }, [isLater]);
}
