// The right side: the booths, who was called and who waits.

import { button, el } from '../element.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

const USES = { free: 'check', busy: 'person', wrapping_up: 'wait', on_break: 'cup', closed: 'door', off: 'unplug' };
const PRIORITY_ICONS = { elderly: 'cane', disabled: 'wheel', pregnant: 'mother' };
const MISSED_SHOWN = 4;
const REFUSED = ['no_free_booth', 'nobody_waits', 'ticket_taken', 'no_ticket'];
const REFUSAL_SHOWN_MS = 10_000; // then the lists alone say what is so

export class Side {
  #root;
  #queue;
  #drawn = '';
  #problem = null;
  #forgetting = null;

  constructor(root, queue) {
    this.#root = root;
    this.#queue = queue;
  }

  /** Only what has changed is drawn anew: a finger may be on its way to a button. */
  draw(anew = false) {
    const queue = this.#queue.standing?.queue;
    if (!queue) return;
    const minutes = (ticket) => ({ ...ticket, waited_s: Math.floor(ticket.waited_s / 60) });
    const key = JSON.stringify([queue.booths, ...['waiting', 'called', 'missed'].map((list) => queue[list].map(minutes)), this.#problem]);
    if (!anew && key === this.#drawn) return;
    this.#drawn = key;
    const focused = document.activeElement?.dataset?.act;
    this.#root.replaceChildren(...this.#parts(queue));
    if (focused) this.#root.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  #parts(queue) {
    const desks = new Set(queue.booths.map(({ desk }) => desk)).size;
    const free = queue.booths.some(({ use, called }) => use === 'free' && !called);
    const ready = free && queue.waiting.length > 0;
    const why = queue.waiting.length === 0 ? 'call.nobody' : 'call.no_booth';
    return [
      el('h2', {}, t('booths')),
      queue.booths.length
        ? el('ol', { class: 'booths' }, ...queue.booths.map((each) => booth(each, desks > 1)))
        : el('p', { class: 'hint' }, t('booths.none')),
      this.#act('call', ready ? t('call', { code: queue.waiting[0].code }) : t('call.plain'), 'bell', 'btn--main', () => this.#queue.call(), !ready),
      this.#problem
        ? el('p', { class: 'problem', role: 'alert' }, icon('alert'), el('span', {}, t(`problem.${this.#problem}`)))
        : el('p', { class: 'hint', role: 'status' }, ready ? '' : t(why)),
      queue.called.length ? el('h2', {}, t('called')) : null,
      queue.called.length ? el('ol', {}, ...queue.called.map((each) => this.#called(each))) : null,
      el('h2', {}, t('waiting'), ' · ', el('span', { class: 'count' }, String(queue.waiting.length))),
      queue.waiting.length
        ? el('ol', {}, ...queue.waiting.map((each) => this.#waiting(each)))
        : el('p', { class: 'hint' }, t('waiting.none')),
      queue.missed.length ? el('h2', {}, t('missed')) : null,
      queue.missed.length ? el('ol', {}, ...queue.missed.slice(-MISSED_SHOWN).map((each) => this.#missed(each))) : null,
    ].filter((each) => each !== null);
  }

  #called(ticket) {
    return row(ticket, tag('bell', t('to_booth', { n: ticket.booth ?? '?' }), 'tag--call'),
      this.#act(`again-${ticket.id}`, t('again'), 'again', 'btn--small', () => this.#queue.act(ticket, 'again')),
      this.#act(`missed-${ticket.id}`, t('not_here'), 'cross', 'btn--small', () => this.#queue.act(ticket, 'missed')));
  }

  #waiting(ticket) {
    return row(ticket, ticket.priority ? tag(PRIORITY_ICONS[ticket.priority], t('first')) : null,
      this.#act(`cancel-${ticket.id}`, t('cancel'), 'erase', 'btn--small btn--quiet', () => this.#queue.act(ticket, 'cancel')));
  }

  #missed(ticket) {
    return row(ticket, null,
      this.#act(`again-${ticket.id}`, t('again'), 'again', 'btn--small', () => this.#queue.act(ticket, 'again')));
  }

  #act(name, text, iconName, className, act, off = false) {
    const made = button(text, iconName, className, async () => {
      made.disabled = true;
      this.#problem = null;
      try {
        await act();
      } catch (error) {
        this.#problem = REFUSED.includes(error.code) ? error.code : 'unreachable';
        clearTimeout(this.#forgetting);
        this.#forgetting = setTimeout(() => {
          this.#problem = null;
          this.draw();
        }, REFUSAL_SHOWN_MS);
      }
      this.draw(true);
    }, { 'data-act': name, disabled: off });
    return made;
  }
}

function booth({ desk, number, use, called }, named) {
  const word = called ? t('use.called', { code: called }) : t(`use.${use}`);
  return el('li', { 'data-use': called ? 'called' : use },
    el('b', {}, String(number)), icon(called ? 'bell' : USES[use]), el('span', {}, word), named ? el('small', {}, desk) : null);
}

function row(ticket, mark, ...ends) {
  const minutes = Math.floor(ticket.waited_s / 60);
  return el('li', { class: 'row', 'data-code': ticket.code },
    el('b', {}, ticket.code),
    el('span', {}, ticket.name ?? t('no_name'),
      el('small', {}, minutes === 0 ? t('just_now') : t('minutes', { n: minutes })), mark),
    el('span', { class: 'row__end' }, ...ends));
}

function tag(name, text, className = '') {
  return el('span', { class: `tag ${className}`.trim() }, icon(name), text);
}
