// The service worker of the console: a page for when the server can't be reached, and push messages. It keeps nothing:
// no response is ever put into a cache, so a signed-out browser has none of what a person saw.

const CONSOLE = "/console";
const ICON = `${CONSOLE}/icons/icon-192.png`;

const OFFLINE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>No connection · Presswork</title>
<style nonce="__NONCE__">
body { display: grid; place-content: center; gap: 8px; min-height: 100vh; margin: 0; padding: 24px; box-sizing: border-box;
  background: light-dark(#f6f5f2, #131312); color: light-dark(#1c1b19, #eeece7);
  font: 400 1rem/1.5 system-ui, sans-serif; text-align: center; }
h1 { margin: 0; font-size: 1.25rem; font-weight: 500; }
p { max-width: 28rem; margin: 0; }
a { display: inline-block; margin-top: 8px; padding: 10px 16px; border-radius: 8px; background: light-dark(#b03a0c, #ff9d70);
  color: light-dark(#fff, #1c1b19); text-decoration: none; }
</style>
</head>
<body>
<main>
<h1>No connection to Presswork</h1>
<p>The server can't be reached. Posts that are queued go out without this device.</p>
<a href="">Try again</a>
</main>
</body>
</html>`;

function offlinePage() {
  const nonce = crypto.randomUUID();
  return new Response(OFFLINE.replace("__NONCE__", nonce), {
    status: 503,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
      "Cache-Control": "no-store",
    },
  });
}

async function load(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return offlinePage();
  }
}

// A page that shows something else is left alone: a person may be writing there.
async function open(url) {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((one) => one.url === url);
  return page === undefined ? self.clients.openWindow(url) : page.focus();
}

// Nothing is cached, so a new version has no old files to wait for.
self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const ready = async () => {
    await self.registration.navigationPreload?.enable(); // the page is requested while this worker starts
    await self.clients.claim();
  };
  event.waitUntil(ready());
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.method === "GET") event.respondWith(load(event));
});

self.addEventListener("push", (event) => {
  const { title, text, path, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body: text, icon: ICON, tag, data: { path } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(CONSOLE + event.notification.data.path, self.location.origin);
  const isOwn = url.origin === self.location.origin && url.pathname.startsWith(`${CONSOLE}/`);
  event.waitUntil(open(isOwn ? url.href : new URL(CONSOLE, self.location.origin).href));
});
