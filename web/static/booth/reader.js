// Reads a text of the page aloud, from a file.

/** `changed` is called when reading begins or ends. */
export class Reader {
  reading = null; // name of the text
  #sound = null;
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  /** Begins, or stops when it is being read already. */
  toggle(name, language) {
    if (this.reading !== null) {
      this.stop();
      return;
    }
    const sound = new Audio(`/static/voices/${name}.${language}.ogg`);
    this.#sound = sound;
    this.reading = name;
    for (const end of ['ended', 'error']) sound.addEventListener(end, () => this.#ended(sound));
    sound.play().catch(() => this.#ended(sound));
    this.#changed();
  }

  stop() {
    if (this.#sound === null) return;
    this.#sound.pause();
    this.#ended(this.#sound);
  }

  #ended(sound) {
    if (sound !== this.#sound) return;
    this.#sound = null;
    this.reading = null;
    this.#changed();
  }
}
