// The visitor's place among those who wait for the same officer.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';

/** Nothing while he is not waiting in turn. */
export function turn({ sight }) {
  if (sight.turn === null) return null;
  const before = sight.turn - 1;
  if (before === 0) return el('p', { class: 'turn turn--next', 'data-turn': '1' }, t('turn.next'));
  const people = Array.from({ length: before }, () => el('li', {}, icon('person')));
  return el(
    'div',
    { class: 'stack stack--s', 'data-turn': sight.turn },
    el(
      'p',
      { class: 'turn num' },
      el('b', {}, String(before)),
      el('span', {}, t(before === 1 ? 'turn.one' : 'turn.before')),
    ),
    el('ol', { class: 'queue', 'aria-hidden': 'true' }, ...people, el('li', { class: 'is-you' }, t('turn.you'))),
  );
}
