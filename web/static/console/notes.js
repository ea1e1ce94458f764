// The officer's notes on a visit: kept by the server half a second after the last key.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { setAttribute, setText } from './paint.js';

const PAUSE_MS = 500;
const RETRY_MS = 2000;
const LONGEST = 4000;

export class Notes {
  #signal;
  #facts;
  #field = el('textarea', { class: 'note', rows: 1, maxlength: LONGEST, 'data-name': 'notes', spellcheck: 'false' });
  #status = el('span', { class: 'notes__status', role: 'status' });
  #visit = null; // whose notes stand in the field
  #slot = null;
  #unsaved = new Map(); // visit -> {slot, text, due, sending, refused}: typed, not yet acknowledged
  #saved = null; // the visit whose last words were acknowledged

  constructor(signal, facts) {
    this.#signal = signal;
    this.#facts = facts;
    this.node = el('div', { class: 'notes' }, this.#field, this.#status);
    this.#field.addEventListener('input', () => this.#typed());
    setInterval(() => this.#saveDue(), PAUSE_MS / 5);
  }

  draw({ slot, sheet }) {
    if (sheet.visit !== this.#visit) {
      this.#visit = sheet.visit;
      this.#slot = slot;
      this.#saved = null;
      this.#field.value = this.#unsaved.get(sheet.visit)?.text ?? sheet.notes;
    } else if (!this.#unsaved.has(sheet.visit) && this.#field.value !== sheet.notes && document.activeElement !== this.#field) {
      this.#field.value = sheet.notes;
    }
    setAttribute(this.#field, 'placeholder', t('notes.hint'));
    setAttribute(this.#field, 'aria-label', t('notes.title'));
    const unsaved = this.#unsaved.get(sheet.visit);
    const status = unsaved ? (unsaved.refused ? 'refused' : 'saving') : this.#saved === sheet.visit ? 'saved' : null;
    setText(this.#status, status ? t(`notes.${status}`) : '');
    setAttribute(this.#status, 'data-status', status);
  }

  /** What is not saved yet is kept until the server has it or refuses it. */
  clear() {
    this.#visit = null;
    this.#field.value = '';
    setText(this.#status, '');
  }

  #typed() {
    if (this.#visit === null) return;
    const due = performance.now() + PAUSE_MS;
    const sending = this.#unsaved.get(this.#visit)?.sending ?? false;
    this.#unsaved.set(this.#visit, { slot: this.#slot, text: this.#field.value, due, sending });
    this.#facts.changed();
  }

  #saveDue() {
    if (!this.#facts.known) return;
    for (const [visit, unsaved] of this.#unsaved) {
      if (!unsaved.sending && !unsaved.refused && performance.now() >= unsaved.due) this.#save(visit, unsaved);
    }
  }

  async #save(visit, { slot, text }) {
    this.#unsaved.get(visit).sending = true;
    let refused = null;
    try {
      await this.#signal.request({ type: 'write_notes', slot, visit, text });
    } catch (problem) {
      refused = problem;
    }
    const now = this.#unsaved.get(visit); // another one when more was typed meanwhile
    now.sending = false;
    if (!refused && now.text === text) {
      this.#unsaved.delete(visit);
      this.#saved = visit;
    } else if (refused && ['down', 'timeout'].includes(refused.code)) {
      now.due = performance.now() + RETRY_MS;
    } else if (visit === this.#visit) {
      now.refused = now.text === text;
    } else if (refused) {
      this.#unsaved.delete(visit); // a visit that is over takes no more notes
    }
    this.#facts.changed();
  }
}
