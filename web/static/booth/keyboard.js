// The keyboard on the screen for words. It writes into a real text field, so that a keyboard on the
// table works just as well.

import { t } from '../i18n.js';
import { button, el } from '../element.js';

const LETTERS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const DIGITS = '1234567890';
const SIGNS = { name: ["'", '-', '.'], text: [',', '-', '.', '/'], address: [',', '-', '.', '/'], email: ['@', '_', '-', '.'] };
const WORD_BEGINS = /(^|[\s\-(/.])$/;

/** Keys for `field`, a text field of this type, with `last` in the bottom row. */
export function lettersKeyboard(field, type, last = []) {
  const capitals = type !== 'email';
  let turned = false; // Shift was pressed: the other case for one letter
  const keys = el('div', { class: 'keys', role: 'group', 'aria-label': t('keys.letters') });

  const put = (text) => {
    if (field.value.length - selected(field) + text.length > field.maxLength) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
    turned = false;
    field.dispatchEvent(new Event('input'));
  };
  const erase = () => {
    const { selectionStart: start, selectionEnd: end } = field;
    if (end === 0) return;
    field.setRangeText('', start === end ? start - 1 : start, end, 'end');
    field.dispatchEvent(new Event('input'));
  };
  const upper = () => {
    const begins = WORD_BEGINS.test(field.value.slice(0, field.selectionStart));
    return (capitals && begins) !== turned;
  };

  const letters = new Map();
  const key = (sign, extra = '') => button(sign, null, extra, () => put(letters.has(sign) && upper() ? sign.toUpperCase() : sign));
  const shift = button(t('keys.shift'), null, 'keys__shift', () => { turned = !turned; show(); });
  const row = (...buttons) => el('div', { class: 'keys__row' }, ...buttons);

  if (type !== 'name') keys.append(row(...[...DIGITS].map((digit) => key(digit, 'num'))));
  LETTERS.forEach((line, index) => {
    const made = [...line].map((letter) => {
      letters.set(letter, null);
      const each = key(letter);
      letters.set(letter, each.lastChild);
      return each;
    });
    if (index < LETTERS.length - 1) keys.append(row(...made));
    else {
      const name = { 'aria-label': t('keys.erase') };
      keys.append(row(shift, ...made, button('', 'erase', 'keys__erase', erase, name)));
    }
  });
  const space = button(t('keys.space'), null, 'keys__space', () => put(' '));
  const line = type === 'address' ? button(t('keys.line'), null, 'keys__word', () => put('\n')) : null;
  keys.append(row(...SIGNS[type].map((sign) => key(sign)), ...(type === 'email' ? [] : [space]), ...(line ? [line] : []), ...last));

  const show = () => {
    const large = upper();
    for (const [letter, face] of letters) face.textContent = large ? letter.toUpperCase() : letter;
    shift.setAttribute('aria-pressed', String(large));
  };
  // A touch on a key leaves the cursor in the text.
  keys.addEventListener('mousedown', (event) => event.preventDefault());
  for (const event of ['input', 'keyup', 'click', 'focus']) field.addEventListener(event, show);
  show();
  return keys;
}

function selected(field) {
  return field.selectionEnd - field.selectionStart;
}
