// Which of the computer's cameras is which: set up once, and kept in this browser. Without a word
// from anybody there is one camera, whichever the browser gives.

const KEY = 'vcs.booth.cameras';
const NONE = { main: null, document: null };

/** {main, document}: each {id, label} or null. */
export function choices() {
  try {
    return { ...NONE, ...JSON.parse(localStorage.getItem(KEY)) };
  } catch {
    return NONE;
  }
}

/** `chosen`: as `choices` gives it. */
export function keep(chosen) {
  if (chosen.main || chosen.document) localStorage.setItem(KEY, JSON.stringify(chosen));
  else localStorage.removeItem(KEY);
}

/** Takes `#main=LABEL` and `#document=LABEL` out of the address that a kiosk starts with: parts of
 *  the cameras' names. True when it asks for the page that sets the cameras up (`#cameras`). */
export function readAddress() {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  const before = choices();
  const after = { ...before };
  for (const role of Object.keys(NONE)) {
    const label = fragment.get(role);
    // The same name again: the id that was found for it since holds.
    if (label !== null && !before[role]?.label.includes(label || '\n')) after[role] = label ? { id: null, label } : null;
  }
  keep(after);
  return fragment.has('cameras');
}

/** The cameras that the browser names. Before it has allowed the page any, it names none. */
export async function found() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}

/** The device of a role among `all`: by its id, else by its name, else by a part of it. The main
 *  one is never that for papers. Null: none; for `main` also when nobody has chosen any. Pure. */
export function pick(role, all, chosen) {
  const main = named(all, chosen.main);
  const paper = named(all.filter((each) => each !== main || each.deviceId === chosen.document?.id), chosen.document);
  if (role === 'document') return paper;
  if (main && main !== paper) return main;
  return paper ? all.find((each) => each !== paper) ?? null : null;
}

/** The device for papers, or null. */
export async function documentDevice() {
  const chosen = choices();
  return chosen.document ? pick('document', await found(), chosen) : null;
}

/** What to ask of `getUserMedia` for the main camera; null: there is none, and that for papers must
 *  not take its place. */
export async function mainWish(wish) {
  const chosen = choices();
  if (!chosen.main && !chosen.document) return wish;
  const all = await found();
  const device = pick('main', all, chosen);
  if (device) return { ...wish, deviceId: { exact: device.deviceId } };
  return pick('document', all, chosen) ? null : wish;
}

function named(all, wanted) {
  if (!wanted) return null;
  const by = (test) => all.find(test) ?? null;
  return by(({ deviceId }) => deviceId === wanted.id)
    ?? by(({ label }) => label === wanted.label)
    ?? by(({ label }) => label.includes(wanted.label));
}
