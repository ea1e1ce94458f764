// The booth's token: kept for ever in this browser, got once for a pairing code.

const KEY = 'vcs.booth.token';
const TAB = 'vcs.booth.tab'; // this tab is a booth of its own
const RETRY_MS = 3000;

export const CODE_LENGTH = 8;

function store() {
  return sessionStorage.getItem(TAB) ? sessionStorage : localStorage;
}

export function token() {
  return store().getItem(KEY);
}

export function forget() {
  store().removeItem(KEY);
}

/** The pairing code of `#pair=CODE` or `#pair=CODE&tab`, which goes from the address at once: it
 *  is of one use, and a reload must not try it again. Null without one. */
export function codeFromAddress() {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  if (fragment.has('tab')) sessionStorage.setItem(TAB, '1');
  if (window.location.hash) history.replaceState(null, '', window.location.pathname);
  const code = letters(fragment.get('pair') ?? '');
  return code.length === CODE_LENGTH ? code : null;
}

/** What of a typed or pasted text belongs to a code. */
export function letters(text) {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '').slice(0, CODE_LENGTH);
}

/** Exchanges a code for a token. Resolves with null, or with what was wrong: `wrong`, `too_many`
 *  or `unreachable`. */
export async function enrol(code) {
  let response;
  try {
    response = await fetch('/api/enrol', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code: `${code.slice(0, 4)}-${code.slice(4)}` }),
    });
  } catch {
    return 'unreachable';
  }
  if (response.status === 429) return 'too_many';
  if (response.status >= 500) return 'unreachable';
  if (!response.ok) return 'wrong';
  store().setItem(KEY, (await response.json()).token);
  return null;
}

/** As `enrol`, but waits for a server that is not there yet. */
export async function enrolWhenReachable(code) {
  for (;;) {
    const problem = await enrol(code);
    if (problem !== 'unreachable') return problem;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
