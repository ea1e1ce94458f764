// Wrap-up: what a visit came to that has just ended, a note on it, and the next one. It stands only
// while its booth is in focus, and every key for the other booths works beside it.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { dialogOpen, openDialog } from './dialog.js';
import { keyButton, setText } from './paint.js';

const LONGEST = 1000;
const NOT_AT_ONCE_MS = 600; // a key on its way to what stood there before is not for this

export class WrapUp {
  #facts;
  #commands;
  #act;
  #shown = null; // {told, note, ...} while the dialog stands
  #written = new Map(); // visit -> what was sent as its note, until its wrap-up is over
  #passed = null; // the visit whose dialog was closed by the officer

  /** `commands`: DayCommands; `act` {callNext(slot), rest()}. */
  constructor(facts, commands, act) {
    this.#facts = facts;
    this.#commands = commands;
    this.#act = act;
  }

  draw() {
    const told = this.#told;
    for (const visit of this.#written.keys()) if (this.#facts.known && !this.#lasts(visit)) this.#written.delete(visit);
    if (this.#shown && this.#shown.told.visit !== told?.visit) this.#shown.close();
    if (!told || told.visit === this.#passed || this.#facts.day.pause) return;
    if (!this.#shown && !dialogOpen()) this.#open(told);
    if (this.#shown) this.#draw(this.#shown);
  }

  /** The officer wants it (again). */
  show() {
    this.#passed = null;
    this.draw();
  }

  /** The wrap-up of the booth in focus, or null. */
  get #told() {
    if (!this.#facts.known) return this.#shown?.told ?? null; // until the server is heard again
    const { focus, day } = this.#facts;
    if (this.#facts.tile(focus)?.occupant !== null) return null;
    return day?.wrap_ups.find(({ slot }) => slot === focus) ?? null;
  }

  #lasts(visit) {
    return this.#facts.day?.wrap_ups.some((each) => each.visit === visit) ?? false;
  }

  #open(told) {
    const sums = [
      ['wrap.visit', clock(told.visit_s * 1000)],
      ['wrap.talk', told.talks ? `${clock(told.talk_s * 1000)} · ${told.talks}×` : t('wrap.talk.none')],
      ['wrap.captures', String(told.captures)],
      ['wrap.right', told.questions ? `${told.right}/${told.questions}` : t('wrap.right.none')],
    ];
    const note = el('input', { class: 'note', type: 'text', maxlength: LONGEST, autocomplete: 'off', placeholder: t('wrap.note.hint'), 'data-name': 'closing-note' });
    note.value = this.#written.get(told.visit) ?? told.note;
    const shown = { told, note, saved: note.value, time: el('p', { class: 'num' }), from: performance.now() + NOT_AT_ONCE_MS };
    shown.rest = keyButton('', () => this.#act.rest());
    shown.next = keyButton('btn--main', () => this.#next());
    shown.next.node.dataset.name = 'next';
    shown.next.node.setAttribute('autofocus', '');
    note.addEventListener('change', () => this.#save());
    this.#shown = shown;
    shown.close = openDialog(() => ({
      title: t('wrap.title'),
      hint: [t('booth.n', { n: told.slot }), told.visitor, told.ticket, t(told.outcome ? `outcome.${told.outcome}` : 'wrap.undecided')].filter(Boolean).join(' · '),
      body: [
        el('dl', { class: 'sums' }, ...sums.map(([key, value]) => el('div', {}, el('dt', {}, t(key)), el('dd', { class: 'num' }, value)))),
        el('label', { class: 'field' }, el('span', {}, t('wrap.note')), note),
        el('p', { class: 'tell tell--info' }, icon('shield'), el('span', {}, t('wrap.gone', { n: told.slot }))),
      ],
      foot: [shown.time, shown.rest.node, shown.next.node],
      wide: 'mid',
      modal: false,
      onkey: (event) => this.#key(event),
      onclose: () => this.#closed(shown),
    }));
  }

  #draw({ told, time, rest, next }) {
    const facts = this.#facts;
    setText(time, t('wrap.time', { time: clock(facts.dayAge(told.since_ms)), n: told.slot }));
    rest.draw({ icon: 'cup', word: t('break'), key: 'B', off: !facts.known });
    const code = this.#nextCode;
    next.draw({ icon: 'right', word: code ? t('call.next', { code, n: told.slot }) : t('wrap.done'), key: '↵', off: !facts.known });
  }

  /** Who would be called: nobody to a booth that is away, or at a desk that closes. */
  get #nextCode() {
    const { told } = this.#shown;
    const ready = this.#facts.day?.status === 'open' && this.#facts.tile(told.slot)?.state === 'wrap_up';
    return ready ? this.#facts.firstFor(told.slot) : null;
  }

  #next() {
    const shown = this.#shown;
    if (!shown || !this.#facts.known || performance.now() < shown.from) return;
    this.#save();
    if (this.#nextCode) this.#act.callNext(shown.told.slot);
    else this.#commands.endWrapUp(shown.told.slot);
  }

  #save() {
    const { note, told, saved } = this.#shown;
    const text = note.value.trim();
    if (text === saved) return;
    this.#shown.saved = text;
    this.#written.set(told.visit, text);
    this.#commands.note(told.slot, told.visit, text);
  }

  #closed(shown) {
    this.#save();
    this.#shown = null;
    // Closed by the officer, with Escape or by talking to another booth: asked for again to come back.
    if (this.#lasts(shown.told.visit)) this.#passed = shown.told.visit;
  }

  #key(event) {
    if (event.key !== 'Enter' || event.target.closest?.('button, a, select')) return false;
    this.#next();
    return true;
  }
}

