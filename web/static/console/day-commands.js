// What the officer asks about his own day: wrap-up, breaks, closing. The page changes with the
// server's next `day`.

export class DayCommands {
  #signal;
  #facts;
  #asked = new Set(); // sent, not yet answered

  constructor(signal, facts) {
    this.#signal = signal;
    this.#facts = facts;
  }

  endWrapUp(slot) {
    return this.#give({ type: 'end_wrap_up', slot });
  }

  note(slot, visit, text) {
    return this.#give({ type: 'write_closing_note', slot, visit, text }, 'note');
  }

  /** `minutes` null: until he is back. */
  beginBreak(minutes) {
    return this.#give({ type: 'begin_break', minutes, revision: this.#revision });
  }

  endBreak() {
    return this.#give({ type: 'end_break' });
  }

  beginClosing() {
    return this.#give({ type: 'begin_closing', revision: this.#revision });
  }

  close() {
    return this.#give({ type: 'close_desk', revision: this.#revision });
  }

  open() {
    return this.#give({ type: 'open_desk' });
  }

  tally() {
    return this.#give({ type: 'ask_tally' });
  }

  get #revision() {
    return this.#facts.day?.revision ?? 0;
  }

  /** True when it is so; one of each kind at a time. */
  async #give(message, what = 'day') {
    if (this.#facts.link !== 'up' || this.#asked.has(message.type)) return false;
    this.#asked.add(message.type);
    try {
      await this.#signal.request(message);
      return true;
    } catch (problem) {
      if (problem.code !== 'down') this.#facts.refused(what, null, problem.code); // the air bar says that
      return false;
    } finally {
      this.#asked.delete(message.type);
    }
  }
}
