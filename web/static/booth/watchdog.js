// A page that nobody looks after: an error that nothing caught, or a file that did not come,
// reloads it.

const LAST = 'vcs.booth.reloaded';
const PAUSE_MS = 3000;
const AT_MOST_EVERY_MS = 60_000;
const SERVER_EVERY_MS = 2000;

let planned = false;

/** Reloads after 3 s, at most once a minute, and only into a server that answers: the browser's
 *  own error page would not come back by itself. */
export function reloadSoon() {
  if (planned) return;
  planned = true;
  const last = Number(sessionStorage.getItem(LAST) ?? 0);
  const since = Math.abs(Date.now() - last); // a clock that was set back must not hold us up
  setTimeout(reload, Math.max(PAUSE_MS, AT_MOST_EVERY_MS - since));
}

async function reload() {
  try {
    const response = await fetch(window.location.pathname, { cache: 'no-store' });
    if (response.ok) {
      sessionStorage.setItem(LAST, String(Date.now()));
      window.location.reload();
      return;
    }
  } catch {
    // No server yet.
  }
  setTimeout(reload, SERVER_EVERY_MS);
}

// Captured, because a file that could not be loaded tells only its own element.
window.addEventListener('error', reloadSoon, true);
window.addEventListener('unhandledrejection', reloadSoon);
