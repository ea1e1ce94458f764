// The middle of the page: one screen at a time.

import { SCREENS } from './screens.js';

const FRESH_MS = 1000;
const CONTROLS = 'button, input, select, textarea, a[href]';
const OF_WORK = new Set(['form', 'capture', 'signature', 'overview', 'result', 'still']);

/** Draws a screen anew only when something that it shows has changed. */
export class Stage {
  root;
  place = null; // which screen it is
  #act;
  #parts;
  #drawn = '';
  #freshAt = 0;

  constructor(root, act, parts) {
    this.root = root;
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

  /** `given`: {sight, language, goodbye, place, claim, studio, starting, reading}. */
  draw(given) {
    const { sight } = given;
    document.body.dataset.screen = sight.screen;
    const key = JSON.stringify([given.language, this.#act.enrolProblem, shownOf(given)]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const place = `${sight.screen} ${sight.work?.name ?? ''}`;
    const fresh = place !== this.place;
    this.place = place;
    if (fresh) this.#freshAt = performance.now();
    const focused = this.root.contains(document.activeElement);
    const node = SCREENS[sight.screen]({ ...given, act: this.#act, parts: this.#parts });
    for (const old of this.root.children) old.dispatchEvent(new Event('gone'));
    if (fresh) node.classList.add('enters');
    this.root.replaceChildren(node);
    if (fresh) this.root.scrollTop = 0;
    // Without a control of its own it is scrolled by keys itself.
    if (this.root.querySelector(CONTROLS)) this.root.removeAttribute('tabindex');
    else this.root.tabIndex = 0;
    // Who works by keyboard goes on where the new screen begins.
    const typed = this.root.querySelector('[data-typed]');
    if (typed) typed.focus();
    else if (focused) this.root.querySelector('[tabindex="-1"]')?.focus();
  }
}

/** Everything that the screen of this moment shows. What a screen does not show must not draw it
 *  anew: a finger may be on it. */
function shownOf({ sight, claim, studio, starting, reading }) {
  const { screen, work, camera, notice, capturing } = sight;
  const { live, progress, own, ...whole } = sight; // shown by strip and top band
  if (OF_WORK.has(screen)) {
    const picture = screen === 'capture' ? [camera, notice, capturing, studio.revision, studio.phase] : null;
    return [screen, work, claim.revision, picture];
  }
  if (sight.shows) return [whole, claim.problem, claim.busy, studio.revision, studio.phase];
  if (screen === 'waiting' || screen === 'hold') return [whole, claim.revision];
  if (screen === 'onair') return { ...whole, work: null, attended: claim.attended?.name };
  if (screen === 'announce' || screen === 'message') return { ...whole, work: null };
  return [whole, starting.revision, reading];
}
