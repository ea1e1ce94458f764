// Who needs the officer next, in the server's order.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, setAttribute, setIcon, setText } from './paint.js';

const SHOWN = 4;
const ICONS = { calling: 'bell', finished: 'check', waiting: 'wait', link: 'alert' };
const NO_VISIT = new Set(['vacant', 'offline', 'empty', 'wrap_up']);

export class NextUp {
  #node;
  #title = el('span');
  #lines;
  #calm = el('span', { class: 'next__calm' });
  #count = el('span', { class: 'num' });
  #queue = el('span', { class: 'num' });
  #queued = el('span', { class: 'next__queue' }, icon('ticket'), this.#queue);
  #call = { number: el('b'), word: el('span') };
  #used = el('span', { class: 'next__count' }, icon('person'), this.#count);

  /** `act` {talk(slot), callNext(slot)}. */
  constructor(node, act) {
    this.#node = node;
    this.#lines = Array.from({ length: SHOWN }, () => {
      const line = { slot: 0, number: el('b'), icon: iconHolder(), word: el('span'), time: el('span', { class: 'num' }) };
      line.button = el('button', { type: 'button', class: 'next__go', onclick: () => act.talk(line.slot) },
        line.number, line.icon, line.word, line.time);
      line.node = el('li', {}, line.button);
      return line;
    });
    this.#call.button = el('button', { type: 'button', class: 'next__go next__call', onclick: () => act.callNext(null) },
      this.#call.number, icon('bell'), this.#call.word);
    node.replaceChildren(
      el('h2', {}, this.#title, el('kbd', {}, 'N')),
      el('ol', {}, ...this.#lines.map((line) => line.node)),
      this.#calm,
      this.#queued,
      this.#call.button,
      this.#used,
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
    this.#drawQueue(facts);
    const figures = { used: used.length, all: there.length };
    const several = facts.known && facts.severalBranches;
    setText(this.#count, several ? `${used.length}/${there.length}` : t('next.count', figures));
    setAttribute(this.#used, 'title', several ? t('next.count', figures) : null);
  }

  /** How many wait, of each branch where there are several; and a button for who is next of all. */
  #drawQueue(facts) {
    const branches = facts.known ? facts.queue?.branches ?? [] : [];
    const n = branches.reduce((sum, each) => sum + each.waiting, 0);
    this.#queued.hidden = n === 0;
    const next = branches.length > 1 ? facts.queue.next : null;
    this.#call.button.hidden = next === null;
    if (next) {
      setText(this.#call.number, String(next.slot));
      setText(this.#call.word, t('next.call', next));
      setAttribute(this.#call.button, 'aria-label', t('call.next', { code: next.code, n: next.slot }));
    }
    if (n === 0) return;
    const oldest_s = Math.max(...branches.map((each) => each.oldest_s));
    const minutes = Math.floor((oldest_s + (performance.now() - facts.queue.at) / 1000) / 60);
    const each = branches.map(({ branch, waiting }) => `${branch} ${waiting}`).join(', ');
    const text = t(branches.length > 1 ? 'next.queues' : 'next.queue', { n, minutes, branches: each });
    setText(this.#queue, text);
    setAttribute(this.#queued, 'title', branches.length > 1 ? text : null);
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
