// A rectangle over a picture, moved and sized by mouse, touch and keys.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { moved, sized } from './cut.js';
import { setAttribute } from './paint.js';

const CORNERS = ['lt', 'rt', 'rb', 'lb'];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEY_SHARE = 1 / 80; // of the picture's longer side, for one press of an arrow

export class Cropper {
  rectangle = null; // [left, top, right, bottom] of the picture as it is seen; null: closed
  #size = [0, 0];
  #scale = 1; // pixels of the page for one of the picture
  #box;
  #corners;
  #act;
  #drag = null; // {id, edges, x, y, from}

  /** `act` {changed(), keep(), leave()}. */
  constructor(act) {
    this.#act = act;
    this.#corners = CORNERS.map((edges) => el('button', { type: 'button', class: 'crop__corner', 'data-edges': edges }));
    this.#box = el('div', { class: 'crop__box', tabindex: '0', role: 'group' }, ...this.#corners);
    this.node = el('div', { class: 'crop', hidden: true }, this.#box);
    this.node.addEventListener('pointerdown', (event) => this.#press(event));
    this.node.addEventListener('pointermove', (event) => this.#move(event));
    for (const type of ['pointerup', 'pointercancel']) this.node.addEventListener(type, () => { this.#drag = null; });
    this.node.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Over a picture of this size. */
  open(rectangle, size) {
    this.rectangle = rectangle;
    this.#size = size;
    this.node.hidden = false;
    this.#box.focus({ preventScroll: true });
  }

  close() {
    this.rectangle = null;
    this.#drag = null;
    this.node.hidden = true;
  }

  /** Where the picture's corner is in the view, and how large it is drawn. */
  place({ left, top, scale }) {
    if (!this.rectangle) return;
    this.#scale = scale;
    const [x, y, right, bottom] = this.rectangle;
    const { style } = this.#box;
    style.setProperty('left', `${left + x * scale}px`);
    style.setProperty('top', `${top + y * scale}px`);
    style.setProperty('width', `${(right - x) * scale}px`);
    style.setProperty('height', `${(bottom - y) * scale}px`);
    const [width, height] = this.#size;
    const numbers = t('cut.numbers', { width: right - x, height: bottom - y, left: x, top: y });
    setAttribute(this.#box, 'aria-label', `${t('cut.box')}: ${numbers}`);
    setAttribute(this.#box, 'data-of', `${width} ${height}`);
    for (const corner of this.#corners) setAttribute(corner, 'aria-label', t(`cut.corner.${corner.dataset.edges}`));
  }

  #press(event) {
    if (this.#drag || event.button !== 0) return;
    const corner = event.target.closest('.crop__corner');
    if (!corner && event.target !== this.#box) return; // beside it: the picture itself is moved
    event.stopPropagation();
    event.preventDefault();
    (corner ?? this.#box).focus({ preventScroll: true });
    this.node.setPointerCapture(event.pointerId);
    this.#drag = { id: event.pointerId, edges: corner?.dataset.edges ?? null, x: event.clientX, y: event.clientY, from: this.rectangle };
  }

  #move(event) {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.id) return;
    event.stopPropagation();
    this.#change(drag.edges, (event.clientX - drag.x) / this.#scale, (event.clientY - drag.y) / this.#scale, drag.from);
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const way = ARROWS[event.key];
    if (way) {
      const step = Math.max(1, Math.round(Math.max(...this.#size) * KEY_SHARE));
      const edges = event.target.dataset.edges ?? (event.shiftKey ? 'rb' : null);
      this.#change(edges, way[0] * step, way[1] * step, this.rectangle);
    } else if (event.key === 'Enter') {
      this.#act.keep();
    } else {
      return; // Escape is the page's: it holds everybody, and leaves this
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #change(edges, dx, dy, from) {
    this.rectangle = edges ? sized(from, edges, dx, dy, this.#size) : moved(from, dx, dy, this.#size);
    this.#act.changed();
  }
}
