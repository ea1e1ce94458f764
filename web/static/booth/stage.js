// The middle of the page: one screen at a time.

import { SCREENS } from './screens.js';

const FRESH_MS = 1000;

/** Draws a screen anew only when something that it shows has changed. */
export class Stage {
  #root;
  #act;
  #parts;
  #screen = null;
  #drawn = '';
  #freshAt = 0;

  constructor(root, act, parts) {
    this.#root = root;
    this.#act = act;
    this.#parts = parts;
    // The second tap of a double tap would press what the first one brought up, consent even.
    root.addEventListener(
      'click',
      (event) => {
        if (event.detail > 1 && performance.now() - this.#freshAt < FRESH_MS) event.stopPropagation();
      },
      { capture: true },
    );
  }

  draw(sight, language, goodbye) {
    document.body.dataset.screen = sight.screen;
    const { live, ...shown } = sight; // the sign is the strip's
    const key = JSON.stringify([language, this.#act.enrolProblem, shown]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const fresh = sight.screen !== this.#screen;
    this.#screen = sight.screen;
    if (fresh) this.#freshAt = performance.now();
    const focused = this.#root.contains(document.activeElement);
    const node = SCREENS[sight.screen]({ sight, act: this.#act, parts: this.#parts, goodbye });
    if (fresh) node.classList.add('enters');
    this.#root.replaceChildren(node);
    if (fresh) this.#root.scrollTop = 0;
    // Who works by keyboard goes on where the new screen begins.
    if (focused) this.#root.querySelector('[tabindex="-1"]')?.focus();
  }
}
