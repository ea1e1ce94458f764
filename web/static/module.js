// Modules that a page begins without.

// Some browsers (Chromium 150 is one) keep for the life of the page that a module, or one
// that it imports, could not be had. So all are fetched first, and imported when all are there.
const IMPORTS = /^import\s(?:[^'";]*\sfrom\s)?'([^']+)'/gm;
const here = new Set( // what the page began with
  performance.getEntriesByType('resource').filter((each) => each.decodedBodySize > 0).map((each) => each.name),
);
const imported = new Map(); // by address of what was fetched: the addresses of what it imports

/** What the module at this address exports; rejected when it cannot be had, and asked for anew by the
 *  next call. */
export async function loadModule(address) {
  const url = new URL(address, location.href).href;
  await fetchAll(url, new Set());
  return import(url);
}

async function fetchAll(url, asked) {
  if (here.has(url) || asked.has(url)) return;
  asked.add(url);
  if (!imported.has(url)) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const names = [...(await answer.text()).matchAll(IMPORTS)].map(([, name]) => name);
    imported.set(url, names.map((name) => new URL(name, url).href));
  }
  await Promise.all(imported.get(url).map((each) => fetchAll(each, asked)));
}
