// What the officer asks of the server. Each names what the console showed at the press; nothing on
// the page changes sides before the server's word.

/** `changed` is called when a text's state changed outside the server's messages. */
export class Commands {
  #signal;
  #facts;
  #texts;
  #wish = null; // a booth pressed while the last press was still on its way: {slot, occupant}
  #announcing = null; // what our own key or button asked for that is down

  constructor(signal, facts, texts) {
    this.#signal = signal;
    this.#facts = facts;
    this.#texts = texts;
  }

  /** Puts the booth on air that its tile shows now, and focuses it. */
  talk(slot) {
    const tile = this.#facts.tile(slot);
    if (!this.#facts.known || !tile) return;
    const why = nobodyThere(tile);
    if (why) {
      this.#facts.refused('talk', slot, why);
    } else if (this.#facts.asked?.kind === 'talk') {
      this.#wish = { slot, occupant: tile.occupant };
    } else if (tile.state !== 'on_air') {
      this.#talk(slot, tile.occupant);
    }
    this.focus(slot); // after the command, which is what a person waits for
  }

  /** Never waits for anything and is never left out. */
  hold() {
    this.#wish = null;
    this.#announcing = null;
    this.#ask({ kind: 'hold' }, { type: 'hold' });
  }

  /** The one who needs the officer most. */
  next() {
    const first = this.#facts.known ? this.#facts.desk.next[0] : null;
    if (!first) return;
    const tile = this.#facts.tile(first.slot);
    if (tile.consented && tile.media) this.talk(first.slot);
    else this.focus(first.slot);
  }

  /** The announce key or button went down or came up; the same twice is one. */
  announce(active) {
    const { desk, known } = this.#facts;
    // An announcement that the server still carries is ended whatever became of the press.
    const down = this.#announcing !== null || (!active && desk?.announcing === true);
    if (active === down || (active && !known)) return;
    const asked = { kind: active ? 'announce' : 'hold' };
    this.#announcing = active ? asked : null;
    this.#wish = null;
    this.#ask(asked, { type: 'announce', active, revision: desk?.revision ?? 0 });
  }

  focus(slot) {
    const tile = this.#facts.tile(slot);
    if (!tile) return;
    this.#facts.set({ focus: slot });
    this.sendFocus();
  }

  /** After a reconnection too: the server's media forgets it with the old one. */
  sendFocus() {
    const { focus } = this.#facts;
    const tile = this.#facts.tile(focus);
    if (!tile || tile.state === 'vacant') return;
    this.#signal.request({ type: 'focus', slot: focus }).catch(() => {}); // the next one says it again
  }

  /** Shows `text` on the visitor's screen; null takes the last one back. */
  async sendText(slot, text) {
    const tile = this.#facts.tile(slot);
    if (!tile || tile.occupant === null) return false;
    const record = text === null ? null : this.#texts.sending(tile, text);
    if (record === null) this.#texts.forget(slot);
    this.#facts.changed();
    try {
      await this.#signal.request({ type: 'send_text', slot, occupant: tile.occupant, text });
      if (record) this.#texts.acknowledged(record);
      this.#facts.changed();
      return true;
    } catch (problem) {
      if (record && this.#texts.of(tile) === record) this.#texts.forget(slot);
      this.#facts.refused('text', slot, problem.code);
      return false;
    }
  }

  /** Ends the visit of this occupant, and of no other who may have sat down since. */
  async endVisit(slot, occupant) {
    try {
      await this.#signal.request({ type: 'end_visit', slot, occupant });
    } catch (problem) {
      this.#facts.refused('end', slot, problem.code);
    }
  }

  /** Calls who is next to a free booth. */
  async callNext(slot) {
    if (!this.#facts.known) return;
    try {
      await this.#signal.request({ type: 'call_next', slot });
    } catch (problem) {
      this.#facts.refused('call', slot, problem.code);
    }
  }

  /** The connection is gone: no key is down for the next one. */
  lost() {
    this.#announcing = null;
    this.#wish = null;
  }

  #talk(slot, occupant) {
    const { revision } = this.#facts.desk;
    this.#ask({ kind: 'talk', slot }, { type: 'talk', slot, occupant, revision });
  }

  async #ask(asked, message) {
    const answer = this.#signal.request(message); // before the page draws what was asked
    this.#facts.ask(asked);
    try {
      await answer;
      this.#facts.settled(asked);
      this.#goOn();
    } catch (problem) {
      this.#facts.settled(asked);
      this.#wish = null;
      if (this.#announcing === asked) this.#announcing = null; // a later press stands
      if (problem.code === 'down') return; // the whole bar says so
      if (asked.kind !== 'hold' || problem.code === 'timeout') {
        this.#facts.refused(asked.kind, asked.slot ?? null, problem.code);
      }
    }
  }

  /** The last of several quick presses counts, for the person who sat there at the press. */
  #goOn() {
    const wish = this.#wish;
    this.#wish = null;
    if (!wish || !this.#facts.known) return;
    if (this.#facts.tile(wish.slot).occupant === wish.occupant) this.#talk(wish.slot, wish.occupant);
    else this.#facts.refused('talk', wish.slot, 'occupant_changed');
  }
}

/** Why there is nobody to talk to, in the server's words or ours; null: ask the server. */
function nobodyThere(tile) {
  if (tile.state === 'vacant' || tile.state === 'offline') return tile.state;
  return tile.occupant === null ? 'empty' : null;
}
