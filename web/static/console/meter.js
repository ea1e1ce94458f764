// A sound level as a bar: <vcs-level>.

import { el } from '../element.js';

const STEPS = 32; // more are not seen, and each is drawn
const SPEAK_EVERY_MS = 1000; // the figure for screen readers

export class Level extends HTMLElement {
  #bar = null;
  #shown = -1;
  #spokenAt = 0;

  connectedCallback() {
    if (this.#bar) return;
    this.classList.add('level');
    this.setAttribute('role', 'meter');
    this.setAttribute('aria-valuemin', '0');
    this.setAttribute('aria-valuemax', '100');
    this.setAttribute('aria-valuenow', '0');
    this.#bar = el('i');
    this.append(this.#bar);
  }

  /** 0 (silent) to 1 (full scale); null: nothing is measured. */
  set value(level) {
    const now = Math.round((level ?? 0) * STEPS) / STEPS;
    if (this.#bar && now !== this.#shown) {
      this.#shown = now;
      this.#bar.style.setProperty('--level', String(now));
    }
    if (performance.now() - this.#spokenAt < SPEAK_EVERY_MS) return;
    this.#spokenAt = performance.now();
    this.setAttribute('aria-valuenow', String(Math.round(now * 100)));
  }

  /** Grey: measured, not heard. */
  set heard(heard) {
    this.classList.toggle('level--off', !heard);
  }
}

customElements.define('vcs-level', Level);
