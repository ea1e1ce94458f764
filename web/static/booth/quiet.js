// Nobody touches the screen while the visitor's own work is open: ask whether he is there, and tell
// the officer.

const QUIET_AFTER_MS = 60_000;

export class Quiet {
  still = false;
  #tell;
  #after;
  #open = false;
  #timer = null;

  /** `tell(still)` is called at each change. `after` in ms. */
  constructor(tell, after = QUIET_AFTER_MS) {
    this.#tell = tell;
    this.#after = after;
    for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, () => this.#touched());
    // Not at the press: what it brings up must not get the rest of the same touch.
    for (const touch of ['click', 'keyup']) document.addEventListener(touch, () => this.#back());
  }

  /** Whether work of the visitor's own is open now. */
  watch(open) {
    if (open === this.#open) return;
    this.#open = open;
    this.#touched();
  }

  /** A new connection or another visitor: the server knows of no stillness. */
  reset() {
    this.still = false;
    this.#touched();
  }

  #touched() {
    clearTimeout(this.#timer);
    if (!this.#open || this.still) return;
    this.#timer = setTimeout(() => this.#set(true), this.#after);
  }

  #back() {
    if (this.still) this.#set(false);
    this.#touched();
  }

  #set(still) {
    this.still = still;
    this.#tell(still);
  }
}
