// Words of the pages. Every text lies in /locale/{page}.{language}.json: {"key": "text with {name}"}.

const texts = new Map(); // language -> {key: text}
const pages = new Set(); // whose texts are shown
const fetched = new Set(); // "page.language"
let current = 'id';

/** Fetches one page's texts in one language and makes that language the current one.
 *  Rejects when the server does not have them. */
export async function loadLocale(page, language) {
  pages.add(page);
  await fetchTexts(page, language);
  show(language);
}

/** Fetches texts without changing the language: for `textIn`, and so that a later switch needs no
 *  network. */
export async function preloadLocale(page, language) {
  pages.add(page);
  await fetchTexts(page, language);
}

/** Makes `language` the current one, fetching what is missing, and translates the document. Rejects
 *  when it cannot be fetched; the language then stays as it is. */
export async function setLanguage(language) {
  await Promise.all([...pages].map((page) => fetchTexts(page, language)));
  show(language);
  translate(document);
}

export function language() {
  return current;
}

/** The tag by which dates and numbers are written in it: in English too the day comes first. */
export function dateLocale() {
  return current === 'id' ? 'id-ID' : 'en-GB';
}

/** The text of a key in the current language. A key without a text is shown as it is. */
export function t(key, values = {}) {
  return textIn(current, key, values);
}

/** The same in a given language, whatever the current one is. */
export function textIn(code, key, values = {}) {
  const text = texts.get(code)?.[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Fills elements from their attributes: `data-t` the text, `data-t-label` the name for screen
 *  readers, `data-t-title` the tooltip, `data-t-placeholder` the hint in a field. */
export function translate(root) {
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel));
  }
  for (const element of root.querySelectorAll('[data-t-title]')) element.title = t(element.dataset.tTitle);
  for (const element of root.querySelectorAll('[data-t-placeholder]')) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
}

async function fetchTexts(page, language) {
  const name = `${page}.${language}`;
  if (fetched.has(name)) return;
  const response = await fetch(`/locale/${name}.json`);
  if (!response.ok) throw new Error(`no texts for ${page} in ${language}: ${response.status}`);
  texts.set(language, { ...texts.get(language), ...(await response.json()) });
  fetched.add(name);
}

function show(language) {
  current = language;
  document.documentElement.lang = language;
}
