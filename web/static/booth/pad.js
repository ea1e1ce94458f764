// The keypad of ten digits.

import { t } from '../i18n.js';
import { button, el } from '../element.js';

/** `to` has `add`, `erase` and `clear`; `last` takes the place of "clear" when given. */
export function digitPad(to, last = null) {
  const digit = (number) => button(String(number), null, 'num', () => to.add(String(number)));
  const erase = button('', 'erase', 'pad__sign', () => to.erase(), { 'aria-label': t('keys.erase') });
  return el(
    'div',
    { class: 'pad', role: 'group', 'aria-label': t('keys.digits') },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit),
    erase,
    digit(0),
    last ?? button(t('keys.clear'), null, 'btn--word', () => to.clear()),
  );
}
