// Decisions that are being made. Each has one id from the first look at it until the server has
// acknowledged it: however often it is sent, through lost connections too, it decides once.

export class Decisions {
  #signal;
  #drafts = new Map(); // visit -> draft
  #changed;

  constructor(signal, changed) {
    this.#signal = signal;
    this.#changed = changed;
  }

  /** The draft for the visit shown: {id, slot, visit, corrects, outcome, reason, missing, message,
   *  status, code}; `status` is open, sending, waiting (for the connection) or refused. */
  draft({ slot, sheet }, outcome) {
    const before = this.#drafts.get(sheet.visit);
    if (before && before.corrects === sheet.decision_id) return before;
    const draft = {
      id: crypto.randomUUID(), slot, visit: sheet.visit, corrects: sheet.decision_id, outcome,
      reason: null, missing: [], message: '', status: 'open', code: null,
    };
    this.#drafts.set(sheet.visit, draft);
    return draft;
  }

  /** True while the server may have it: it must not be changed. */
  static isSent({ status }) {
    return status === 'sending' || status === 'waiting';
  }

  /** True when it is no longer in the making. */
  isOver(draft) {
    return this.#drafts.get(draft.visit) !== draft;
  }

  async send(draft) {
    draft.status = 'sending';
    draft.code = null;
    this.#changed();
    const { id, slot, visit, outcome, reason, missing, message, corrects } = draft;
    try {
      await this.#signal.request({
        type: 'decide', slot, visit, decision: id, outcome, corrects, message: message.trim(),
        reason: outcome === 'rejected' ? reason : null, missing: outcome === 'pending' ? missing : [],
      });
      this.#drafts.delete(visit);
    } catch (problem) {
      draft.status = problem.code === 'down' ? 'waiting' : 'refused';
      draft.code = problem.code;
    }
    this.#changed();
  }

  /** The connection stands again, and the server knows this desk's visits. */
  resend() {
    for (const draft of this.#drafts.values()) if (draft.status === 'waiting') this.send(draft);
  }

  /** The visitors who have gone need none. */
  told(desk) {
    for (const [visit, draft] of this.#drafts) {
      const tile = desk.tiles.find(({ slot }) => slot === draft.slot);
      if (tile?.occupant === null) this.#drafts.delete(visit);
    }
  }
}
