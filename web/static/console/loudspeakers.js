// What the officer hears: one element for each booth, silent unless the server says on air.

import { el } from '../element.js';

/** Event `blocked`: the browser wants a key or a click before it plays sound, or no longer does. */
export class Loudspeakers extends EventTarget {
  blocked = false;
  #elements = new Map(); // slot -> audio element
  #onAir = null;
  #sink = '';

  constructor() {
    super();
    document.addEventListener('pointerdown', () => this.#playAll());
    document.addEventListener('keydown', () => this.#playAll());
  }

  setTrack(slot, track) {
    let element = this.#elements.get(slot);
    if (!element) {
      element = el('audio');
      element.muted = true;
      element.addEventListener('pause', () => this.#play(slot));
      this.#elements.set(slot, element);
      this.#route(element);
    }
    element.srcObject = new MediaStream([track]);
    this.#play(slot);
  }

  /** The connection is gone; nothing old is played when it comes back. */
  clear() {
    this.hear(null);
    for (const element of this.#elements.values()) element.srcObject = null;
  }

  /** Plays this booth and no other; null: none. */
  hear(slot) {
    this.#onAir = slot;
    for (const [each, element] of this.#elements) {
      if (each !== slot) element.muted = true;
    }
    const element = this.#elements.get(slot);
    if (!element) {
      this.#setBlocked(false);
    } else if (element.muted) {
      element.muted = false;
      this.#play(slot);
    }
  }

  /** The output device, '' for the system's own. */
  setSink(id) {
    if (id === this.#sink) return;
    this.#sink = id;
    for (const element of this.#elements.values()) this.#route(element);
  }

  #route(element) {
    // A device that has gone: the element stays on the system's own.
    element.setSinkId?.(this.#sink).catch(() => {});
  }

  #playAll() {
    for (const slot of this.#elements.keys()) this.#play(slot);
  }

  #play(slot) {
    const element = this.#elements.get(slot);
    if (!element.srcObject || !element.paused) return;
    element.play().then(
      () => {
        if (slot === this.#onAir) this.#setBlocked(false);
      },
      (problem) => {
        if (slot === this.#onAir) this.#setBlocked(problem.name === 'NotAllowedError');
      },
    );
  }

  #setBlocked(blocked) {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.dispatchEvent(new Event('blocked'));
  }
}
