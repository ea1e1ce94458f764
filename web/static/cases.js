// The list of visits: searched by name, ticket or reference, and by day. Opening one is a look, which
// the server writes down.

import { el } from './element.js';
import { dateLocale, language, loadLocale, preloadLocale, setLanguage, t, translate } from './i18n.js';
import { icon } from './icons.js';

const LANGUAGE_KEPT_AS = 'vcs.language';
const PAGE = 50; // as many as the server gives at once
const OUTCOME_ICONS = { approved: 'check', rejected: 'cross', pending: 'wait' };

const form = document.querySelector('form');
const table = document.querySelector('table');
const body = document.querySelector('tbody');
const told = document.querySelector('.told');
const more = document.querySelector('.more button');

let visits = [];
let state = 'busy'; // busy, done, unreachable
let asked = 0;

const first = localStorage.getItem(LANGUAGE_KEPT_AS) ?? document.documentElement.lang;
await loadLocale('cases', first);
await preloadLocale('cases', first === 'id' ? 'en' : 'id');

function draw() {
  translate(document);
  document.title = t('title');
  for (const each of document.querySelectorAll('[data-language]')) {
    each.setAttribute('aria-pressed', String(each.dataset.language === language()));
  }
  told.textContent = state === 'done' ? t(visits.length ? 'found' : narrowed() ? 'none' : 'none.yet', { n: visits.length }) : t(state);
  told.dataset.state = state;
  table.hidden = visits.length === 0;
  more.hidden = visits.length === 0 || visits.length % PAGE !== 0;
  body.replaceChildren(...visits.map(line));
}

function narrowed() {
  return [...new FormData(form).values()].some(Boolean);
}

function line(visit) {
  const begun = new Date(visit.begun_at);
  const outcome = visit.outcome ?? (visit.phase === 'ended' ? 'left' : 'running');
  return el('tr', { 'data-visit': visit.id },
    el('td', { class: 'num' }, begun.toLocaleString(dateLocale(), { dateStyle: 'short', timeStyle: 'short' })),
    el('td', {}, visit.visitor ?? t('no_name')),
    el('td', { class: 'num' }, visit.ticket ?? '–'),
    el('td', {}, language() === 'en' ? visit.title_en : visit.title_id),
    el('td', { 'data-outcome': outcome }, visit.outcome ? icon(OUTCOME_ICONS[visit.outcome] ?? 'info') : null, t(`outcome.${outcome}`)),
    el('td', { class: 'num' }, visit.reference ?? '–'),
    el('td', {}, visit.officer ?? '–'),
    el('td', { class: 'acts' },
      el('a', { class: 'btn', href: `/cases/${visit.id}/`, target: '_blank', rel: 'noopener' }, t('open')),
      el('a', { class: 'btn', href: `/cases/${visit.id}/case.zip`, download: '' }, t('zip'))));
}

async function search(goOn) {
  const turn = (asked += 1);
  const wish = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  if (goOn) {
    const last = visits.at(-1);
    wish.set('at', last.begun_at);
    wish.set('id', last.id);
  }
  state = 'busy';
  draw();
  try {
    const response = await fetch(`/api/visits?${wish}`, { cache: 'no-store' });
    if (response.status === 401) {
      window.location.assign('/sign-in?next=/cases');
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    const found = (await response.json()).visits;
    if (turn !== asked) return; // another search came after it
    visits = goOn ? [...visits, ...found] : found;
    state = 'done';
  } catch {
    if (turn !== asked) return;
    state = 'unreachable';
  }
  draw();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  search(false);
});
form.querySelector('[type=submit]').disabled = false; // before this the browser would send the form itself
more.addEventListener('click', () => search(true));
for (const each of document.querySelectorAll('[data-language]')) {
  each.addEventListener('click', async () => {
    localStorage.setItem(LANGUAGE_KEPT_AS, each.dataset.language);
    await setLanguage(each.dataset.language);
    draw();
  });
}
search(false);
