// The enrolment screen: a technician types the pairing code, by touch or on a keyboard.

import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { CODE_LENGTH, letters } from './enrolment.js';

const ROWS = ['1234567890', 'QWERTYUIOP', 'ASDFGHJKL', 'ZXCVBNM'];

/** `act.enrol(code)` resolves with null or the problem's name; `act.enrolProblem` is the one to
 *  begin with. */
export function enrolScreen(act) {
  let code = '';
  let problem = act.enrolProblem;
  let busy = false;
  const cells = el('div', { class: 'cells cells--big num', role: 'status' });
  const words = el('div', { class: 'enrol__words' });
  const keys = el('div', { class: 'keys' });

  const show = () => {
    const cell = (index) =>
      el('i', { class: index === code.length && !busy ? 'is-now' : null }, code[index] ?? '');
    const group = (from) => el('span', {}, cell(from), cell(from + 1), cell(from + 2), cell(from + 3));
    cells.setAttribute('aria-label', t('enrol.code', { code: [...code].join(' ') }));
    cells.replaceChildren(group(0), el('b', { 'aria-hidden': 'true' }, '–'), group(4));
    words.replaceChildren(busy ? el('p', { class: 'lead' }, t('enrol.busy')) : (complaint() ?? el('p', { class: 'lead' }, t('enrol.lead'))));
  };
  const complaint = () =>
    problem &&
    el(
      'p',
      { class: 'err', role: 'alert', 'data-problem': problem },
      icon('alert'),
      el('span', {}, el('b', {}, t(`enrol.${problem}`)), t(`enrol.${problem}.do`)),
    );
  const set = async (next) => {
    if (busy) return;
    if (next.length > code.length) problem = null;
    code = next;
    busy = code.length === CODE_LENGTH;
    show();
    if (!busy) return;
    problem = await act.enrol(code);
    busy = false;
    code = '';
    show();
  };
  const add = (text) => set(letters(code + text));
  const erase = () => set(code.slice(0, -1));

  for (const row of ROWS) {
    const line = el('div', { class: 'keys__row' });
    for (const letter of row) line.append(button(letter, null, '', () => add(letter)));
    if (row === ROWS.at(-1)) {
      line.append(button('', 'erase', 'keys__erase', erase, { 'aria-label': t('enrol.erase') }));
    }
    keys.append(line);
  }
  show();

  const screen = el('div', { class: 'split split--enrol' });
  screen.append(
    el('div', { class: 'stack' }, el('h1', { tabindex: '-1' }, t('enrol.title')), cells, words),
    keys,
  );
  const typed = (event) => {
    if (!screen.isConnected) {
      document.removeEventListener('keydown', typed);
      document.removeEventListener('paste', pasted);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Backspace') erase();
    else if (/^[0-9a-z]$/i.test(event.key)) add(event.key);
  };
  const pasted = (event) => {
    if (screen.isConnected) add(event.clipboardData?.getData('text') ?? '');
  };
  document.addEventListener('keydown', typed);
  document.addEventListener('paste', pasted);
  return screen;
}
