// Who is signed in here, and the way out.

const RETRY_MS = 2000;
const SIGN_IN = '/sign-in';

export function goToSignIn() {
  window.location.assign(`${SIGN_IN}?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
}

/** {name, display_name, language, branch, desks}; null when nobody is signed in. Waits for a server
 *  that does not answer, telling `onwait` once. */
export async function whoAmI(onwait = () => {}) {
  for (let tries = 0; ; tries += 1) {
    try {
      const response = await fetch('/api/me', { cache: 'no-store' });
      if (response.ok) return await response.json();
      if (response.status === 401) return null;
    } catch {
      // no network, or no server: as an answer of 5xx
    }
    if (tries === 0) onwait();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

export async function signOut() {
  try {
    await fetch('/api/sign-out', { method: 'POST' });
  } finally {
    window.location.assign(SIGN_IN);
  }
}
