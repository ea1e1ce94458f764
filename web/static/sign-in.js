// The sign-in page.

import { el } from './element.js';
import { language, loadLocale, preloadLocale, setLanguage, t, translate } from './i18n.js';
import { icon } from './icons.js';

const LANGUAGE_KEPT_AS = 'vcs.language';
const TOO_MANY = 429;
const WRONG = 401;
const PAUSE_S = 30; // when the server does not say how long

const form = document.querySelector('.form');
const [name, password] = [form.elements.name, form.elements.password];
const show = document.querySelector('.form__show');
const caps = document.querySelector('.form__caps');
const problem = document.querySelector('.form__problem');
const go = document.querySelector('.form__go');

let busy = false;
let trouble = null; // key of the sentence shown
let waitUntil = 0;

function draw() {
  translate(document);
  document.title = t('document');
  for (const each of document.querySelectorAll('[data-language]')) {
    each.setAttribute('aria-pressed', String(each.dataset.language === language()));
  }
  const shown = password.type === 'text';
  show.replaceChildren(t(shown ? 'hide' : 'show'));
  show.setAttribute('aria-label', t(shown ? 'hide.label' : 'show.label'));
  show.setAttribute('aria-pressed', String(shown));
  caps.replaceChildren(icon('info'), t('caps'));
  const seconds = Math.ceil((waitUntil - performance.now()) / 1000);
  if (trouble === 'problem.wait' && seconds <= 0) trouble = null;
  problem.hidden = trouble === null;
  const sentence = trouble === null ? '' : t(trouble, { seconds });
  if (problem.textContent !== sentence) problem.replaceChildren(icon('alert'), el('span', {}, sentence));
  for (const field of [name, password]) {
    field.setAttribute('aria-invalid', String(['problem.wrong', 'problem.empty'].includes(trouble)));
  }
  go.disabled = busy || trouble === 'problem.wait';
  go.replaceChildren(el('span', {}, t(busy ? 'busy' : 'go')), icon(busy ? 'again' : 'right'));
}

/** Six booths, one of which hears: what the product is, before a word is read. */
function drawIdea() {
  document.querySelector('.idea__booths').replaceChildren(
    ...[1, 2, 3, 4, 5, 6].map((n) =>
      el('li', { class: n === 3 ? 'is-on' : '' }, el('b', {}, String(n)), icon(n === 3 ? 'ear' : 'earoff'))),
  );
}

async function submit() {
  if (busy || trouble === 'problem.wait') return;
  if (!name.value.trim() || !password.value) {
    fail('problem.empty', name.value.trim() ? password : name);
    return;
  }
  busy = true;
  trouble = null;
  draw();
  try {
    const response = await fetch('/api/sign-in', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: name.value.trim(), password: password.value }),
    });
    busy = false;
    if (response.ok) goOn((await response.json()).home);
    else if (response.status === WRONG) fail('problem.wrong', password);
    else if (response.status === TOO_MANY) wait(Number(response.headers.get('Retry-After')) || PAUSE_S);
    else fail('problem.other', go);
  } catch {
    busy = false;
    fail('problem.unreachable', go); // fetch rejects for want of a network or a server alone
  }
}

function fail(key, field) {
  trouble = key;
  draw();
  field.focus();
  if (field === password) password.select();
}

function wait(seconds) {
  trouble = 'problem.wait';
  waitUntil = performance.now() + seconds * 1000;
  draw();
  const timer = setInterval(() => {
    draw();
    if (trouble !== 'problem.wait') clearInterval(timer);
  }, 1000);
}

/** Where who is signed in already belongs; null when nobody is. */
async function signedIn() {
  try {
    const response = await fetch('/api/me', { cache: 'no-store' });
    return response.ok ? (await response.json()).home : null;
  } catch {
    return null; // the form says so when it is sent
  }
}

/** Back to where he was going, on this server only. */
function goOn(home) {
  const next = new URL(new URLSearchParams(window.location.search).get('next') ?? home, window.location.href);
  window.location.replace(next.origin === window.location.origin ? next.href : home);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
show.addEventListener('click', () => {
  password.type = password.type === 'password' ? 'text' : 'password';
  draw();
  password.focus();
});
for (const event of ['keydown', 'keyup', 'mousedown']) {
  form.addEventListener(event, (happened) => {
    if (happened.getModifierState) caps.hidden = !happened.getModifierState('CapsLock');
  });
}
for (const field of [name, password]) {
  field.addEventListener('input', () => {
    if (trouble === null || trouble === 'problem.wait') return;
    trouble = null;
    draw();
  });
}
for (const each of document.querySelectorAll('[data-language]')) {
  each.addEventListener('click', async () => {
    localStorage.setItem(LANGUAGE_KEPT_AS, each.dataset.language);
    await setLanguage(each.dataset.language);
    draw();
  });
}

// Last: the button works from its first drawing on. Before that it is disabled, or the browser would
// send the form by itself.
const first = localStorage.getItem(LANGUAGE_KEPT_AS) ?? document.documentElement.lang;
await loadLocale('sign-in', first);
await preloadLocale('sign-in', first === 'id' ? 'en' : 'id');
drawIdea();
draw();
const home = await signedIn();
if (home) goOn(home);
