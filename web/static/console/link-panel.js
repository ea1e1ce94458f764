// The numbers behind a link sign, on demand. It opens and closes by its sign, by L, or by a press
// elsewhere; never by Escape, which holds and does nothing else to it.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { dialogOpen } from './dialog.js';
import { LinkBars } from './link-bars.js';
import { setAttribute, setText } from './paint.js';
import { rows, verdict } from './link-words.js';

const EDGE = 12;
const GAP = 6;

export class LinkPanel {
  #watch;
  #target = null; // {of: 'tile' | 'focus' | 'own', slot, sign}
  #watched = null; // what the server was asked for, as a string
  #details = null;
  #title = el('h2');
  #bars = new LinkBars();
  #say = el('p', { class: 'linkpanel__say' });
  #rows = el('dl', { class: 'linkpanel__rows' });
  #close = el('button', { type: 'button', class: 'btn btn--quiet linkpanel__close' }, icon('cross'));
  #node = el('section', { class: 'linkpanel', id: 'link-panel', hidden: true },
    el('header', { class: 'linkpanel__head' }, this.#bars.node, this.#title, this.#close), this.#say, this.#rows);

  /** `watch({slot, own})` asks the server for the numbers of a link. */
  constructor(watch) {
    this.#watch = watch;
    this.#close.addEventListener('click', () => this.#end());
    document.body.append(this.#node);
    document.addEventListener('pointerdown', ({ target }) => {
      if (this.#target && !this.#node.contains(target) && !target.closest?.('.linksign')) this.#end();
    });
    window.addEventListener('resize', () => this.#place());
  }

  /** `of`: tile (with its slot), focus (whichever booth that is), or own. */
  toggle(target) {
    const same = this.#target?.of === target.of && this.#target?.slot === target.slot;
    if (same) this.#end();
    else {
      this.#mark(false);
      this.#target = target;
      this.#details = null;
    }
  }

  /** By the key: what is open closes, else the focused booth's opens. */
  key(sign) {
    if (this.#target) this.#end();
    else if (sign) this.toggle({ of: 'focus', slot: null, sign });
  }

  /** A `link_details` came. */
  told(details) {
    this.#details = details;
  }

  /** The connection is gone: the next one has to be asked anew. */
  lost() {
    this.#watched = null;
    this.#details = null;
  }

  /** `figures(slot)`: of a booth's picture as it is shown. */
  draw(facts, figures) {
    const target = this.#target;
    // A sign that has gone takes its panel with it: the booth is away. A dialog wants the room.
    if (target && (target.sign.hidden || dialogOpen())) this.#end();
    const slot = this.#target?.of === 'tile' ? this.#target.slot : facts.focus;
    if (facts.link === 'up') this.#ask(slot);
    this.#node.hidden = !this.#target;
    if (!this.#target) return;
    this.#mark(true);
    const own = this.#target.of === 'own';
    const details = this.#details && this.#details.slot === (own ? null : slot) ? this.#details : null;
    setText(this.#title, own ? t('link.own.title') : t('link.title', { n: slot }));
    setAttribute(this.#node, 'aria-label', this.#title.textContent);
    setAttribute(this.#close, 'aria-label', t('close'));
    this.#bars.draw(details?.link?.quality ?? 0);
    const say = facts.link !== 'up' ? { tone: 'bad', text: t('link.says.lost') }
      : details ? verdict(details) : { tone: null, text: t('link.says.coming') };
    setText(this.#say, say.text);
    setAttribute(this.#say, 'data-tone', say.tone);
    this.#drawRows(details ? rows(details, own ? null : figures(slot)) : []);
    this.#place();
  }

  #drawRows(list) {
    while (this.#rows.children.length > list.length) this.#rows.lastChild.remove();
    while (this.#rows.children.length < list.length) {
      this.#rows.append(el('div', {}, el('dt'), el('dd', { class: 'num' })));
    }
    list.forEach(({ name, value, bad }, index) => {
      const line = this.#rows.children[index];
      setAttribute(line, 'data-row', name);
      setAttribute(line, 'data-tone', bad ? 'bad' : null);
      setText(line.firstChild, t(`link.row.${name}`));
      setText(line.lastChild, value);
    });
  }

  #ask(slot) {
    const own = this.#target?.of === 'own';
    const wanted = { slot: this.#target && !own ? slot : null, own };
    const asked = JSON.stringify(wanted);
    if (asked === (this.#watched ?? '{"slot":null,"own":false}')) return;
    this.#watched = asked;
    this.#watch(wanted);
  }

  #end() {
    this.#mark(false);
    this.#target = null;
    this.#details = null;
    this.#node.hidden = true;
    if (this.#watched) this.#ask(null);
  }

  #mark(open) {
    if (this.#target) setAttribute(this.#target.sign, 'aria-expanded', open);
  }

  /** Below its sign, or above it where there is no room; never beyond the window, and never over the
   *  tiles: a tile's numbers stand in the work area, under it. */
  #place() {
    if (!this.#target || this.#node.hidden) return;
    const sign = this.#target.sign.getBoundingClientRect();
    const { width, height } = this.#node.getBoundingClientRect();
    const left = Math.min(Math.max(EDGE, sign.right - width), window.innerWidth - width - EDGE);
    const work = document.querySelector('.work').getBoundingClientRect();
    const below = this.#target.of === 'tile' ? work.top : sign.bottom + GAP;
    const top = below + height + EDGE <= window.innerHeight ? below : sign.top - GAP - height;
    this.#node.style.left = `${Math.round(left)}px`;
    this.#node.style.top = `${Math.round(Math.max(EDGE, top))}px`;
  }
}
