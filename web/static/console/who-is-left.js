// The booths with a visitor, one line each: who it is, and what is left to do.

import { el } from '../element.js';
import { language, t } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, keyButton, Kept, setAttribute, setIcon, setText } from './paint.js';
import { lastTalk, nameOf } from './sight.js';

export class WhoIsLeft {
  node = el('ol', { class: 'lines' });
  #lines;
  #go;
  #handOver;

  /** `go(slot)`: work on this booth; `handOver(slot)`: offer its visit to a colleague, or take the
   *  offer back. Without them the lines are to be read. */
  constructor(go = null, handOver = null) {
    this.#go = go;
    this.#handOver = handOver;
    this.#lines = new Kept(this.node, (slot) => this.#line(slot));
  }

  draw(facts) {
    const tiles = facts.occupied;
    const lines = this.#lines.of(tiles.map(({ slot }) => slot));
    tiles.forEach((tile, index) => this.#drawLine(facts, lines[index], tile));
  }

  #line(slot) {
    const line = {
      name: el('span', { class: 'lines__name' }), left: el('small'), sign: iconHolder(),
      time: el('span', { class: 'num' }), ends: el('span', { class: 'lines__ends' }),
    };
    line.over = this.#handOver ? keyButton('btn--quiet', () => this.#handOver(slot)) : null;
    line.go = this.#go ? keyButton('', () => this.#go(slot)) : null;
    line.node = el('li', { 'data-slot': slot }, el('b', { class: 'n num' }, String(slot)),
      el('span', {}, line.name, line.left), el('span', { class: 'lines__time' }, line.sign, line.time), line.ends);
    for (const each of [line.over, line.go]) if (each) line.ends.append(each.node);
    return line;
  }

  #drawLine(facts, line, tile) {
    const left = leftAt(tile);
    setText(line.name, nameOf(tile));
    setText(line.left, left.words);
    const calling = tile.state === 'calling';
    setIcon(line.sign, calling ? 'bell' : null);
    setAttribute(line.node, 'data-calling', calling ? '' : null);
    setText(line.time, clock((calling ? facts.age(tile.call_ms) : lastTalk(facts, tile) ?? facts.age(tile.visit_ms)) ?? 0));
    line.go?.draw({ word: t(`left.${left.kind}.go`), off: !facts.known });
    if (!line.over) return;
    line.over.node.hidden = !tile.consented || tile.progress?.working === 'decided';
    const word = tile.offered_to ? t('left.offered', { officer: tile.offered_to.officer }) : t('left.hand_over');
    line.over.draw({ icon: 'swap', word, off: !facts.known });
  }
}

/** {kind, words}: what is left to do for this visitor. */
function leftAt(tile) {
  if (tile.state === 'offline') return { kind: 'wait', words: t('left.offline') };
  if (!tile.consented) return { kind: 'wait', words: t('left.consent') };
  const { progress } = tile;
  if (!progress) return { kind: 'talk', words: t('left.talk') };
  const { step, of, working } = progress;
  const title = language() === 'id' ? progress.title_id : progress.title_en;
  const at = t('left.step', { step, of, title });
  if (working === 'decided') return { kind: 'wait', words: t('left.decided') };
  if (working === 'officer') return step === of ? { kind: 'decide', words: t('left.decide', { at }) } : { kind: 'talk', words: t('left.officer', { at }) };
  return { kind: 'wait', words: t(working === 'still' ? 'left.still' : 'left.self', { at }) };
}
