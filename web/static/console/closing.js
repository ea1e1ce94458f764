// Closing the desk: who is left, then the day's tally and the way back.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { keyButton, setText } from './paint.js';
import { TallyPanel } from './tally.js';
import { WhoIsLeft } from './who-is-left.js';

/** While the desk is closing. */
export class ClosingFace {
  #title = el('h2', { tabindex: '-1' });
  #means = el('p');
  #left;
  #close;
  #words = el('span', { role: 'status' });
  #cancel;
  #tally = new TallyPanel();

  /** `act` {work(slot), handOverAt(slot), closeDesk(), openDesk()}. */
  constructor(act) {
    this.#left = new WhoIsLeft((slot) => act.work(slot), (slot) => act.handOverAt(slot));
    this.#close = keyButton('btn--main', () => act.closeDesk());
    this.#close.node.dataset.name = 'close';
    this.#cancel = keyButton('btn--quiet', () => act.openDesk());
    this.#cancel.node.dataset.name = 'cancel';
    this.node = el('div', { class: 'closing' },
      el('section', { class: 'panel' }, this.#title, this.#means, this.#left.node,
        el('div', { class: 'panel__foot' }, this.#close.node, this.#words, el('span', { class: 'spacer' }), this.#cancel.node)),
      this.#tally.node);
  }

  draw(facts) {
    const slots = facts.occupied.map(({ slot }) => slot);
    setText(this.#title, t('closing.title'));
    setText(this.#means, t('closing.means'));
    this.#left.draw(facts);
    this.#close.draw({ icon: 'door', word: t('closing.yes'), off: !facts.known || slots.length > 0 });
    setText(this.#words, slots.length ? t(slots.length === 1 ? 'closing.left.one' : 'closing.left', { n: slots.length, slots: listed(slots) }) : t('closing.ready'));
    this.#cancel.draw({ word: t('closing.cancel'), off: !facts.known });
    this.#tally.draw(facts.tally);
  }
}

/** The desk is closed. */
export class ClosedFace {
  #title = el('h2', { tabindex: '-1' });
  #means = el('p');
  #open;
  #leave;
  #tally = new TallyPanel();

  /** `act` {openDesk(), leave()}. */
  constructor(act) {
    this.#open = keyButton('btn--main', () => act.openDesk());
    this.#open.node.dataset.name = 'open-again';
    this.#leave = keyButton('', () => act.leave());
    this.#leave.node.dataset.name = 'leave';
    this.node = el('div', { class: 'closing' },
      el('section', { class: 'panel' }, this.#title, this.#means,
        el('div', { class: 'panel__foot' }, this.#open.node, this.#leave.node)),
      this.#tally.node);
  }

  draw(facts) {
    setText(this.#title, t('closed.title'));
    setText(this.#means, t('closed.means'));
    this.#open.draw({ icon: 'door', word: t('closed.open'), off: !facts.known });
    this.#leave.draw({ icon: 'power', word: t('leave') });
    this.#tally.draw(facts.tally);
  }
}

/** "1 and 3". */
function listed(slots) {
  if (slots.length === 1) return String(slots[0]);
  return t('closing.and', { first: slots.slice(0, -1).join(', '), last: slots.at(-1) });
}
