import { useEffect } from "react";
import { useLater } from "../ui/useLater";

/**
 * Registers the service worker, which shows a page without a connection and push messages: it makes the console an app that can
 * be installed. Browsers have none on a page without https, and then nothing changes.
 */
export function useServiceWorker(): void {
  const isLater = useLater();
  useEffect(() => {
    if (!isLater || !("serviceWorker" in navigator)) return;
    // A browser that refuses it, as in a private window, shows the console all the same.
    navigator.serviceWorker.register("/console/service-worker.js", { scope: "/console" }).catch(() => undefined);
  }, [isLater]);
}
