/** Registers the service worker, which shows a page without a connection, and push messages. It may be registered already. */
export function registerServiceWorker(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.register("/console/service-worker.js", { scope: "/console" });
}

/** Returns the subscription of this browser to push messages, or null. */
export async function findPushSubscription(): Promise<PushSubscription | null> {
  if (!("serviceWorker" in navigator && "PushManager" in window)) return null;
  const registration = await navigator.serviceWorker.getRegistration("/console");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Ends the subscription of this browser. What fails about it keeps no person from what follows. */
export async function endPushSubscription(): Promise<void> {
  await findPushSubscription()
    .then((subscription) => subscription?.unsubscribe())
    .catch(() => undefined);
}
