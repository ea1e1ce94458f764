// What the officer does about a visit. Each command names the visit that was shown at the press; the
// page shows the outcome when the server's next sheet does.

export class VisitCommands {
  #signal;
  #facts;
  #visits;

  constructor(signal, facts, visits) {
    this.#signal = signal;
    this.#facts = facts;
    this.#visits = visits;
  }

  /** `camera`: main or document; null: the flow's. */
  askCapture(view, capture, camera = null) {
    return this.#give(view, `capture:${capture}`, { type: 'ask_capture', capture, camera });
  }

  /** Null when it is kept, else why not: that is told beside the picture. */
  cut(view, picture, quarter_turns, rectangle) {
    return this.#ask(view, `cut:${picture}`, { type: 'derive_capture', picture, quarter_turns, rectangle });
  }

  /** As `cut`. */
  choose(view, picture) {
    return this.#ask(view, 'choose', { type: 'choose_capture', picture });
  }

  judge(view, picture, accepted) {
    return this.#give(view, `picture:${picture}`, { type: 'judge_capture', picture, accepted });
  }

  compare(view, card, face, same) {
    return this.#give(view, 'compare', { type: 'compare', card, face, same });
  }

  mark(view, check, passed) {
    return this.#give(view, `check:${check}`, { type: 'mark_check', check, passed });
  }

  markQuestion(view, question, right) {
    return this.#give(view, `question:${question}`, { type: 'mark_question', question, right });
  }

  flag(view, flag, raised) {
    return this.#give(view, `flag:${flag}`, { type: 'raise_flag', flag, raised });
  }

  complete(view, step) {
    return this.#give(view, `step:${step}`, { type: 'complete_step', step });
  }

  reopen(view, step) {
    return this.#give(view, `step:${step}`, { type: 'reopen_step', step });
  }

  /** True when the server has it. */
  async #give(view, control, message) {
    const code = await this.#ask(view, control, message);
    // The air bar tells of a lost connection, and what is asked twice is asked already.
    if (code !== null && code !== 'down' && code !== 'asked') this.#visits.refused(view.sheet.visit, code);
    return code === null;
  }

  /** Null when the server has it, else why not; one at a time of each control. */
  async #ask({ sheet: { slot, visit } }, control, message) {
    if (!this.#facts.known) return 'down';
    if (this.#visits.isAsked(visit, control)) return 'asked';
    this.#visits.ask(visit, control);
    try {
      await this.#signal.request({ ...message, slot, visit });
      return null;
    } catch (problem) {
      if (problem.code === undefined) throw problem;
      return problem.code;
    } finally {
      this.#visits.settled(visit, control);
    }
  }
}
