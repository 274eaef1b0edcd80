const KEY = "presswork-reloaded-at";
/** A page that fails again so soon does not fail because it is old. */
const AGAIN_MS = 30_000;

/** Loads the page again when a part of it is missing: the server has another version now than when this page was opened. */
export function reloadAfterUpgrade(): void {
  addEventListener("vite:preloadError", (event) => {
    const reloadedAt = Number(sessionStorage.getItem(KEY));
    if (Date.now() - reloadedAt < AGAIN_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
