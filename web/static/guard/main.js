// The guard's tablet at the door: issues tickets, calls who is next, shows which booth is free.

import { language, loadLocale, preloadLocale, setLanguage, t, translate } from '../i18n.js';
import { TicketForm } from './form.js';
import { Queue } from './queue.js';
import { Side } from './side.js';

const LANGUAGE_KEPT_AS = 'vcs.language';
const first = localStorage.getItem(LANGUAGE_KEPT_AS) ?? document.documentElement.lang;
await loadLocale('guard', first);
await preloadLocale('guard', first === 'id' ? 'en' : 'id');

const queue = new Queue();
const form = new TicketForm(document.querySelector('main'), queue);
const side = new Side(document.querySelector('aside'), queue);
const trouble = document.querySelector('.trouble');
const clock = document.querySelector('.clock');

function draw(anew = false) {
  translate(document);
  document.title = t('title');
  for (const each of document.querySelectorAll('[data-language]')) {
    each.setAttribute('aria-pressed', String(each.dataset.language === language()));
  }
  document.querySelector('.branch').textContent = queue.standing?.branch ?? '';
  trouble.hidden = !queue.lost;
  const sentence = queue.lost ? t('problem.unreachable') : '';
  if (trouble.textContent !== sentence) trouble.textContent = sentence;
  clock.textContent = new Date().toLocaleTimeString(language(), { hour: '2-digit', minute: '2-digit', hour12: false });
  form.draw(anew);
  side.draw(anew);
}

queue.addEventListener('change', () => draw());
for (const each of document.querySelectorAll('[data-language]')) {
  each.addEventListener('click', async () => {
    localStorage.setItem(LANGUAGE_KEPT_AS, each.dataset.language);
    await setLanguage(each.dataset.language);
    draw(true);
  });
}
document.querySelector('.leave').addEventListener('click', async () => {
  await fetch('/api/sign-out', { method: 'POST' });
  window.location.assign('/sign-in?next=/guard');
});
draw();
queue.start();
