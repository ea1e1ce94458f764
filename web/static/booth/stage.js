// The middle of the page: one screen at a time.

import { SCREENS } from './screens.js';

/** Draws a screen anew only when something that it shows has changed. */
export class Stage {
  #root;
  #act;
  #parts;
  #screen = null;
  #drawn = '';

  constructor(root, act, parts) {
    this.#root = root;
    this.#act = act;
    this.#parts = parts;
  }

  draw(sight, language, goodbye) {
    document.body.dataset.screen = sight.screen;
    const { live, ...shown } = sight; // the sign is the strip's
    const key = JSON.stringify([language, this.#act.enrolProblem, shown]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const fresh = sight.screen !== this.#screen;
    this.#screen = sight.screen;
    const focused = this.#root.contains(document.activeElement);
    const node = SCREENS[sight.screen]({ sight, act: this.#act, parts: this.#parts, goodbye });
    if (fresh) node.classList.add('enters');
    this.#root.replaceChildren(node);
    if (fresh) this.#root.scrollTop = 0;
    // Who works by keyboard goes on where the new screen begins.
    if (focused) this.#root.querySelector('[tabindex="-1"]')?.focus();
  }
}
