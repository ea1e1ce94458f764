// Parts of the console that it opens without. Each is loaded when it is first wanted, and its
// stylesheet with it: nothing is seen undressed.

import { el } from '../element.js';
import { loadModule } from '../module.js';

const WITHIN_MS = 15_000; // a server that takes the question and does not answer counts as away
const AGAIN_MS = 2000;

export class Part {
  away = false; // it could not be had when it was wanted last
  #facts;
  #place;
  #style;
  #here = null;
  #coming = false;
  #notBefore = 0;

  /** `facts`: DeskState, told what cannot be had; `module` and `style`: their places under /static,
   *  null: it needs no stylesheet. */
  constructor(facts, module, style = null) {
    this.#facts = facts;
    this.#place = module;
    this.#style = style;
  }

  /** For a key or a button: what the module exports. Null when it cannot be had, which the officer is
   *  told, and the next press asks anew; null too for a press while it is on its way. Other things may
   *  be shown when it is here: whoever asked looks again. */
  async ask() {
    if (this.#coming) return null;
    await this.#load();
    if (this.away) this.#facts.refused('part', null, 'not_loaded');
    return this.#here;
  }

  /** For what no press asks for, at each drawing: null until it is here. It is asked for again by
   *  itself, and the page is drawn when it has come. */
  now() {
    if (!this.#here && !this.#coming && this.#facts.known && performance.now() >= this.#notBefore) {
      const told = this.away;
      this.#load().then(() => {
        if (this.away && !told) this.#facts.refused('part', null, 'not_loaded');
        this.#facts.changed();
      });
    }
    return this.#here;
  }

  async #load() {
    if (this.#here) return;
    this.#coming = true;
    try {
      [this.#here] = await soon([loadModule(`/static/${this.#place}`), this.#style && dress(this.#style)]);
      this.away = false;
    } catch {
      this.away = true;
      this.#notBefore = performance.now() + AGAIN_MS;
    }
    this.#coming = false;
  }
}

async function soon(coming) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('no answer')), WITHIN_MS); });
  try {
    return await Promise.race([Promise.all(coming), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Puts a stylesheet on the page, and waits until it is there. */
function dress(name) {
  const href = `/static/${name}`;
  const before = document.head.querySelector(`link[href="${href}"]`);
  if (before?.sheet) return null;
  const link = before ?? el('link', { rel: 'stylesheet', href });
  return new Promise((resolve, reject) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', () => {
      link.remove();
      reject(new Error(`no ${href}`));
    });
    if (!before) document.head.append(link);
  });
}
