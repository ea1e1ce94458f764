// A page over the whole console: before it opens, and when it has ended here.

import { el } from '../element.js';
import { icon } from '../icons.js';

/** Shows `nodes` instead of whatever covered the console; the console beneath cannot be reached. */
export function cover(...nodes) {
  document.body.dataset.covered = '';
  for (const each of document.body.children) each.inert = !each.matches('.cover');
  const place = document.querySelector('.cover');
  place.hidden = false;
  place.replaceChildren(...nodes);
  (place.querySelector('[autofocus]') ?? place.querySelector('button'))?.focus();
}

export function uncover() {
  delete document.body.dataset.covered;
  for (const each of document.body.children) each.inert = false;
  const place = document.querySelector('.cover');
  place.hidden = true;
  place.replaceChildren();
}

/** A short word to the officer, with what can be done about it. */
export function notice(iconName, title, text, ...buttons) {
  cover(
    el('section', { class: 'notice', role: 'alert' }, el('span', { class: 'notice__sign' }, icon(iconName)),
      el('h1', {}, title), el('p', {}, text), el('div', { class: 'notice__foot' }, ...buttons)),
  );
}
