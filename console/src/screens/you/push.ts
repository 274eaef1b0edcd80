import { clientOf } from "../../api/client";
import { findPushSubscription, registerServiceWorker } from "../../api/serviceWorker";

/** Whether this browser shows push messages: it can't, its person does not allow it, or it is off or on. */
export type PushState = "unsupported" | "blocked" | "off" | "on";

/** Returns whether this browser shows push messages. If it does, the server learns again whose browser it is. */
export async function readPushState(): Promise<PushState> {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  const subscription = await findPushSubscription();
  if (subscription === null || Notification.permission !== "granted") return "off";
  await send(subscription);
  return "on";
}

/** Asks the person for permission, and subscribes this browser. */
export async function turnPushOn(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") return;
  const { publicKey } = await clientOf("test").notifications.getPushKey();
  await registerServiceWorker();
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe(); // it may have another key
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  try {
    await send(subscription);
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
}

/** Ends the subscription of this browser. */
export async function turnPushOff(): Promise<void> {
  const subscription = await findPushSubscription();
  if (subscription === null) return;
  await clientOf("test").notifications.unsubscribePush({ endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

async function send(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  if (endpoint === undefined || keys?.["p256dh"] === undefined || keys["auth"] === undefined) {
    throw new Error("The browser returned a subscription without its keys. Turn it on again.");
  }
  await clientOf("test").notifications.subscribePush({
    endpoint,
    keys: { p256dh: keys["p256dh"], auth: keys["auth"] },
  });
}
