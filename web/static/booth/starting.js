// Before the consent: what the visitor came for, by his ticket or by the service's name.

import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { icon } from '../icons.js';
import { complaint, h1, heading, hint, lead, onButton, onKeys, setReady, stack, tOr } from './pieces.js';
import { digitPad } from './pad.js';

const LETTERS = ['A', 'B', 'C', 'D', 'E'];
const DIGITS = 3;
const FASTEST_HAND_MS = 60; // keys nearer together come from a scanner

export function servicesScreen({ act, starting, language }) {
  const services = starting.services.map((service) => {
    const title = language === 'en' ? service.title_en : service.title_id;
    return button(title, 'doc', 'choice__one', () => act.chooseService(service.flow), { 'data-service': service.flow });
  });
  return el(
    'div',
    { class: 'split' },
    stack('', h1('services.title'), trouble(starting), lead('services.lead'), el('div', { class: 'acts' }, button(t('back'), 'left', '', act.startAgain))),
    el(
      'div',
      { class: 'choice' },
      button(t('services.ticket'), 'ticket', 'choice__one choice__one--first', act.haveTicket, { 'data-service': 'ticket' }),
      ...services,
    ),
  );
}

export function ticketScreen({ act, parts, sight, starting }) {
  const cells = el('div', { class: 'cells cells--big num', role: 'status' });
  const next = button(t('next'), null, 'btn--word pad__next', () => go());
  const trouble_ = el('div', { class: 'form__trouble' }, trouble(starting));
  const letters = el('div', { class: 'letters', role: 'group', 'aria-label': t('ticket.letter') });
  const { ticket } = starting;
  const ready = () => Number(ticket.digits) > 0;
  const show = () => {
    const now = Math.min(ticket.digits.length, DIGITS);
    const digits = Array.from({ length: Math.max(DIGITS, ticket.digits.length) }, (_, index) =>
      el('i', { class: index === now ? 'is-now' : null }, ticket.digits[index] ?? ''),
    );
    cells.setAttribute('aria-label', `${ticket.letter} ${[...ticket.digits].join(' ')}`);
    cells.replaceChildren(el('span', {}, el('i', {}, ticket.letter)), el('span', {}, ...digits));
    for (const each of letters.children) {
      each.setAttribute('aria-pressed', String(each.textContent === ticket.letter));
    }
    setReady(next, ready());
  };
  const set = (digits) => {
    ticket.digits = digits.slice(0, DIGITS);
    show();
  };
  const go = () => {
    if (ready()) act.giveTicket(`${ticket.letter}-${ticket.digits.padStart(DIGITS, '0')}`);
  };
  for (const letter of LETTERS) {
    letters.append(button(letter, null, '', () => { ticket.letter = letter; show(); }));
  }
  const pad = digitPad(
    { add: (digit) => set(ticket.digits + digit), erase: () => set(ticket.digits.slice(0, -1)) },
    next,
  );
  show();
  const screen = el(
    'div',
    { class: 'split' },
    stack(
      '',
      h1('ticket.title'),
      el('div', { class: 'ticket' }, cells, letters),
      trouble_,
      ['denied', 'missing'].includes(sight.reading) ? hint(`ticket.${sight.reading}`) : null,
      hint('ticket.where'),
      el('div', { class: 'acts' },
        button(t('back'), 'left', '', act.startAgain),
        sight.reading === 'on' || sight.reading === 'opening'
          ? button(t('ticket.type'), 'touch', '', act.stopReading, { 'data-reading': 'stop' })
          : button(t('ticket.read'), 'cam', '', act.readTicket, { 'data-reading': 'start' })),
    ),
    sight.reading === 'on'
      ? el('figure', { class: 'reading' }, parts.ticket, el('figcaption', {}, t('ticket.hold')))
      : pad,
  );
  const scanned = scanner(act.giveTicket);
  onKeys(screen, (event) => {
    if (scanned(event)) return;
    if (/^[0-9]$/.test(event.key)) set(ticket.digits + event.key);
    else if (/^[a-z]$/i.test(event.key)) { ticket.letter = event.key.toUpperCase(); show(); }
    else if (event.key === 'Backspace') set(ticket.digits.slice(0, -1));
    else if (event.key === 'Enter' && !onButton(event)) go();
  });
  return screen;
}

/** A scanner types faster than a hand and ends with Enter. Gives a listener that is true when it
 *  has read a whole code. */
function scanner(read) {
  let text = '';
  let last = 0;
  return (event) => {
    const quick = event.timeStamp - last < FASTEST_HAND_MS;
    last = event.timeStamp;
    if (event.key === 'Enter' && quick && text.length >= 8) {
      event.preventDefault();
      read(text.slice(0, 64));
      text = '';
      return true;
    }
    if (event.key.length === 1) text = quick ? text + event.key : event.key;
    return false;
  };
}

function trouble({ problem }) {
  if (!problem) return null;
  return complaint(tOr(`start.${problem}`, 'start.other'), tOr(`start.${problem}.do`, 'start.other.do'), { 'data-problem': problem });
}
