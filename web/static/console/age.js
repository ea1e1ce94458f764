// Time since the officer last talked to somebody: digits, a ring that fills, and a colour.

import { el } from '../element.js';
import { setAttribute, setText } from './paint.js';

const MINUTE_MS = 60_000;
const FULL_MS = 8 * MINUTE_MS;
const LATE_FROM_MIN = [2, 4, 6];
const RADIUS = 4.5;
const ROUND = 2 * Math.PI * RADIUS;
const SVG = 'http://www.w3.org/2000/svg';

/** Milliseconds as 0:07, 12:04 or 1:02:09. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** 0 (fresh) to 3 (waited too long). */
export function lateness(ms) {
  return LATE_FROM_MIN.filter((minutes) => ms >= minutes * MINUTE_MS).length;
}

export class Age {
  #fill = circle('ring__fill', RADIUS);
  #ring = document.createElementNS(SVG, 'svg');
  #digits = el('span');

  constructor() {
    this.#ring.setAttribute('class', 'ring');
    this.#ring.setAttribute('viewBox', '0 0 20 20');
    this.#ring.setAttribute('aria-hidden', 'true');
    this.#ring.append(circle('ring__base', 9), this.#fill);
    this.node = el('span', { class: 'age num', hidden: true }, this.#ring, this.#digits);
  }

  /** Null shows nothing. `plain`: a time that nobody has to hurry for. */
  draw(ms, plain = false) {
    this.node.hidden = ms === null;
    if (ms === null) return;
    this.#ring.classList.toggle('is-out', plain);
    setText(this.#digits, clock(ms));
    setAttribute(this.node, 'data-age', plain ? 0 : lateness(ms));
    const part = Math.min(1, ms / FULL_MS) * ROUND;
    setAttribute(this.#fill, 'stroke-dasharray', `${part.toFixed(1)} ${ROUND.toFixed(1)}`);
  }
}

function circle(className, radius) {
  const node = document.createElementNS(SVG, 'circle');
  node.setAttribute('class', className);
  node.setAttribute('cx', '10');
  node.setAttribute('cy', '10');
  node.setAttribute('r', String(radius));
  return node;
}
