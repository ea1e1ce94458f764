// Reads the screen aloud: those of its texts that were recorded, in their order.

const PAUSE_MS = 400;
const PLACES = '/static/voices';

/**
 * `changed` is called when `on` has changed. Once it is on, each screen is read as it comes up, and
 * what appears on it later; another screen ends what is being read of the one before.
 */
export class Reader {
  on = false;
  #changed;
  #voices = {}; // language -> {text: file}, once it was fetched
  #place = null;
  #seen = new Set(); // texts of this place that were read, or had their turn
  #sound = null;
  #turn = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  toggle() {
    this.#set(!this.on);
  }

  /** Off again, as for whoever comes next. */
  reset() {
    this.#set(false);
  }

  /** What stands on the screen now. `place`: which screen that is, null where nothing is read;
   *  `textsNow` gives its texts. */
  look(place, textsNow, language) {
    const here = place === null ? null : `${language} ${place}`;
    if (here !== this.#place) {
      this.#place = here;
      this.#seen.clear();
      this.#hush();
    }
    if (!this.on || here === null) return;
    const texts = textsNow();
    const fresh = texts.filter((text) => !this.#seen.has(text));
    this.#seen = new Set(texts);
    if (fresh.length) this.#read(fresh, language);
  }

  #set(on) {
    if (on === this.on) return;
    this.on = on;
    this.#seen.clear();
    this.#hush();
    this.#changed();
  }

  #hush() {
    this.#turn += 1;
    this.#sound?.pause();
    this.#sound = null;
  }

  async #read(texts, language) {
    this.#hush();
    const turn = this.#turn;
    const voices = await this.#voicesOf(language);
    for (const text of texts.filter((each) => Object.hasOwn(voices, each))) {
      // Before the first too: a screen may stand for a moment only.
      await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
      if (turn !== this.#turn) return;
      await this.#play(`${PLACES}/${language}/${voices[text]}`);
    }
  }

  /** Until it has ended, was stopped, or could not be had. */
  #play(address) {
    return new Promise((resolve) => {
      const sound = new Audio(address);
      this.#sound = sound;
      for (const end of ['ended', 'pause', 'error']) sound.addEventListener(end, resolve);
      sound.play().catch(resolve);
    });
  }

  async #voicesOf(language) {
    try {
      this.#voices[language] ??= await (await fetch(`${PLACES}/${language}.json`)).json();
    } catch {
      return {}; // the next screen asks again
    }
    return this.#voices[language];
  }
}

/** The texts under `root` as they follow each other. What stands on buttons is no prompt, but for
 *  what there is to choose from. */
export function textsOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    const pressed = holder.closest('button') !== null && holder.closest('[role="radio"]') === null;
    const text = walker.currentNode.textContent.trim();
    if (text && !pressed && holder.closest('.sr, [aria-hidden="true"]') === null) texts.push(text);
  }
  return texts;
}
