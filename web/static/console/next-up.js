// Who needs the officer next, in the server's order.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, setAttribute, setIcon, setText } from './paint.js';

const SHOWN = 4;
const ICONS = { calling: 'bell', finished: 'check', waiting: 'wait', link: 'alert' };
const NO_VISIT = new Set(['vacant', 'offline', 'empty']);

export class NextUp {
  #node;
  #title = el('span');
  #lines;
  #calm = el('span', { class: 'next__calm' });
  #count = el('span', { class: 'num' });
  #queue = el('span', { class: 'num' });
  #queued = el('span', { class: 'next__queue' }, icon('ticket'), this.#queue);

  /** `act` {talk(slot)}. */
  constructor(node, act) {
    this.#node = node;
    this.#lines = Array.from({ length: SHOWN }, () => {
      const line = { slot: 0, number: el('b'), icon: iconHolder(), word: el('span'), time: el('span', { class: 'num' }) };
      line.button = el('button', { type: 'button', class: 'next__go', onclick: () => act.talk(line.slot) },
        line.number, line.icon, line.word, line.time);
      line.node = el('li', {}, line.button);
      return line;
    });
    node.replaceChildren(
      el('h2', {}, this.#title, el('kbd', {}, 'N')),
      el('ol', {}, ...this.#lines.map((line) => line.node)),
      this.#calm,
      this.#queued,
      el('span', { class: 'next__count' }, icon('person'), this.#count),
    );
  }

  draw(facts) {
    const next = facts.known ? facts.desk.next : [];
    setAttribute(this.#node, 'aria-label', t('next.label'));
    setText(this.#title, t('next'));
    this.#node.classList.toggle('next--calm', next[0]?.reason !== 'calling');
    this.#lines.forEach((line, index) => this.#drawLine(facts, line, next[index]));
    this.#calm.hidden = next.length > 0;
    setText(this.#calm, t(facts.known ? 'next.none' : 'next.unknown'));
    const there = facts.desk?.tiles.filter((tile) => tile.state !== 'vacant') ?? [];
    const used = there.filter((tile) => !NO_VISIT.has(tile.state) && tile.occupant !== null);
    const queue = facts.known ? facts.queue : null;
    this.#queued.hidden = !queue?.waiting;
    if (queue?.waiting) {
      const minutes = Math.floor((queue.oldest_s + (performance.now() - queue.at) / 1000) / 60);
      setText(this.#queue, t('next.queue', { n: queue.waiting, minutes }));
    }
    setText(this.#count, t('next.count', { used: used.length, all: there.length }));
  }

  #drawLine(facts, line, up) {
    line.node.hidden = !up;
    if (!up) return;
    line.slot = up.slot;
    setText(line.number, String(up.slot));
    setIcon(line.icon, ICONS[up.reason]);
    setText(line.word, t(`next.${up.reason}`));
    setText(line.time, clock(facts.age(up.ms)));
    setAttribute(line.button, 'aria-label', t('next.go', { n: up.slot, reason: t(`next.${up.reason}`) }));
  }
}
