// The dialog that offers the focused visit to a colleague, or takes the offer back.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { openDialog } from './dialog.js';
import { keyButton, setAttribute, setText } from './paint.js';
import { refusalWords } from './visit-state.js';

const LONGEST = 200;
const ASK_EVERY_MS = 3000;
const ICONS = { yes: 'person', full: 'person', on_break: 'cup' };

/** `place` {slot, visit}; `who`: as the tile names it. */
export function askHandOver(handOvers, place, who, onclose) {
  return new HandOverDialog(handOvers, place, who, onclose);
}

class HandOverDialog {
  #handOvers;
  #place;
  #close;
  #colleagues = null;
  #chosen = null; // a desk
  #asked = false;
  #timer;
  #list = el('div', { class: 'choices choices--list', role: 'radiogroup' });
  #none = el('p', { class: 'tell tell--info' }, icon('info'), el('span'));
  #reason = el('input', { class: 'note', type: 'text', maxlength: LONGEST, autocomplete: 'off', 'data-name': 'reason', autofocus: true });
  #problemWords = el('span');
  #problem = el('p', { class: 'tell', role: 'alert', hidden: true }, icon('alert'), this.#problemWords);
  #stays = el('p');
  #send;

  constructor(handOvers, place, who, onclose) {
    this.#handOvers = handOvers;
    this.#place = place;
    this.#send = keyButton('btn--main', () => this.#offer());
    this.#send.node.dataset.name = 'confirm';
    this.#list.setAttribute('aria-label', t('hand_over.to'));
    this.#reason.addEventListener('input', () => this.#draw());
    const cancel = keyButton('', () => this.#close());
    cancel.draw({ word: t('cancel') });
    openDialog((close) => {
      this.#close = close;
      return {
        title: t('hand_over.title'),
        hint: who,
        body: [el('div', { class: 'two' }, el('div', {}, this.#list, this.#none),
          el('div', {},
            el('label', { class: 'field field--top' }, el('span', {}, t('hand_over.reason')), this.#reason),
            el('p', { class: 'tell tell--info' }, icon('info'), el('span', {}, t('hand_over.means'))),
            this.#problem))],
        foot: [this.#stays, cancel.node, this.#send.node],
        wide: 'mid',
        onkey: (event) => this.#key(event),
        onclose: () => {
          clearInterval(this.#timer);
          onclose();
        },
      };
    });
    this.#timer = setInterval(() => this.#ask(), ASK_EVERY_MS);
    this.#ask();
    this.#draw();
  }

  /** `sheet`: of the focused booth now, null when there is none. */
  follow(sheet, tile) {
    if (sheet?.visit !== this.#place.visit || tile?.offered_to) this.#close();
  }

  async #ask() {
    try {
      this.#colleagues = await this.#handOvers.colleagues();
    } catch {
      return; // asked again soon
    }
    const takes = this.#colleagues.filter((each) => each.takes === 'yes');
    if (!takes.some(({ desk }) => desk === this.#chosen)) this.#chosen = takes[0]?.desk ?? null;
    this.#drawList();
    this.#draw();
  }

  #drawList() {
    const focused = this.#list.contains(document.activeElement);
    let key = 0;
    this.#list.replaceChildren(...this.#colleagues.map((each) => {
      const off = each.takes !== 'yes';
      const cap = off ? null : String(++key);
      const chosen = each.desk === this.#chosen;
      const node = el('button', {
        type: 'button', role: 'radio', class: 'choice', 'data-desk': String(each.desk), 'aria-checked': String(chosen),
        'aria-disabled': off ? 'true' : null, tabindex: chosen ? '0' : '-1',
      }, icon(ICONS[each.takes]), el('span', {}, each.officer), cap ? el('kbd', {}, cap) : el('span'), el('small', {}, means(each)));
      node.addEventListener('click', () => this.#choose(each.desk));
      return node;
    }));
    if (focused) this.#list.querySelector('[aria-checked="true"]')?.focus();
  }

  #draw() {
    const known = this.#colleagues !== null;
    this.#none.hidden = known && this.#colleagues.length > 0;
    setText(this.#none.lastElementChild, t(known ? 'hand_over.nobody' : 'hand_over.asking'));
    const colleague = this.#colleagues?.find(({ desk }) => desk === this.#chosen) ?? null;
    setText(this.#stays, colleague ? t('hand_over.stays', { n: this.#place.slot, officer: colleague.officer }) : '');
    this.#send.draw({
      icon: 'swap', key: 'Ctrl ↵', word: colleague ? t('hand_over.yes', { officer: first(colleague.officer) }) : t('hand_over'),
      off: !this.#ready,
    });
    setAttribute(this.#reason, 'aria-required', 'true');
  }

  get #ready() {
    return !this.#asked && this.#chosen !== null && this.#reason.value.trim() !== '';
  }

  #choose(desk) {
    if (this.#asked || this.#colleagues.find((each) => each.desk === desk)?.takes !== 'yes') return;
    this.#chosen = desk;
    this.#drawList();
    this.#draw();
  }

  async #offer() {
    if (!this.#ready) {
      if (this.#reason.value.trim() === '') this.#reason.focus();
      return;
    }
    this.#asked = true;
    this.#problem.hidden = true;
    this.#draw();
    try {
      await this.#handOvers.offer(this.#place, this.#chosen, this.#reason.value.trim());
      this.#close();
    } catch (problem) {
      this.#asked = false;
      this.#problem.hidden = false;
      setText(this.#problemWords, refusalWords(problem.code));
      this.#draw();
      this.#ask();
    }
  }

  /** True when the key was the dialog's. Digits choose, but for those that are typed. */
  #key(event) {
    if (event.key === 'Enter' && event.ctrlKey) {
      this.#offer();
      return true;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === this.#reason || this.#colleagues === null) return false;
    const takes = this.#colleagues.filter((each) => each.takes === 'yes');
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const at = takes.findIndex(({ desk }) => desk === this.#chosen);
    const wanted = step ? takes.at((at + step) % takes.length) : takes[Number(event.key) - 1];
    if (!wanted) return false;
    this.#choose(wanted.desk);
    this.#list.querySelector('[aria-checked="true"]')?.focus();
    return true;
  }
}

/** Asks whether the offer shall be taken back. */
export function askWithdraw(handOvers, place, who, officer) {
  openDialog((close) => {
    const stay = keyButton('', close);
    stay.draw({ word: t('close') });
    const back = keyButton('btn--main', async () => {
      close();
      try {
        await handOvers.withdraw(place);
      } catch {
        // It has been answered meanwhile: the line above the work says what became of it.
      }
    });
    back.node.dataset.name = 'confirm';
    back.draw({ icon: 'turn', word: t('hand_over.withdraw'), key: 'Ctrl ↵' });
    return {
      title: t('hand_over.waits.title'),
      hint: who,
      body: [el('p', { class: 'dialog__say' }, t('hand_over.waits.means', { officer }))],
      foot: [el('p'), stay.node, back.node],
      onkey: (event) => {
        if (event.key !== 'Enter' || !event.ctrlKey) return false;
        back.node.click();
        return true;
      },
    };
  });
}

function means({ takes, in_use, booths, back_in_ms }) {
  if (takes === 'on_break') return back_in_ms === null ? t('hand_over.break') : t('hand_over.break.for', { time: clock(back_in_ms) });
  const used = t('hand_over.used', { used: in_use, all: booths });
  return `${used}, ${t(takes === 'full' ? 'hand_over.full' : 'hand_over.free')}`;
}

function first(name) {
  return name.split(' ')[0];
}
