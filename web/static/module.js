// Modules that a page begins without.

// Some browsers (Chromium 150 is one) keep for the life of the page that a module, or one
// that it imports, could not be had. So all are fetched first, and imported when all are there.
const IMPORTS = /^import\s(?:[^'";]*\sfrom\s)?'([^']+)'/gm;
const fetched = new Set();

/** What the module at this address exports; rejected when it cannot be had, and asked for anew by the
 *  next call. */
export async function loadModule(address) {
  const url = new URL(address, location.href).href;
  const here = performance.getEntriesByType('resource').filter((each) => each.decodedBodySize > 0);
  await fetchAll(url, new Set(here.map((each) => each.name)));
  return import(url);
}

async function fetchAll(url, here) {
  if (fetched.has(url) || here.has(url)) return;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const text = await answer.text();
  fetched.add(url);
  await Promise.all([...text.matchAll(IMPORTS)].map(([, name]) => fetchAll(new URL(name, url).href, here)));
}
