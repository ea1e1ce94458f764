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

  askCapture(view, capture) {
    return this.#give(view, `capture:${capture}`, { type: 'ask_capture', capture });
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

  /** True when the server has it; one at a time of each control. */
  async #give({ sheet: { slot, visit } }, control, message) {
    if (!this.#facts.known || this.#visits.isAsked(visit, control)) return false;
    this.#visits.ask(visit, control);
    try {
      await this.#signal.request({ ...message, slot, visit });
      return true;
    } catch (problem) {
      if (problem.code !== 'down') this.#visits.refused(visit, problem.code); // the air bar says that
      return false;
    } finally {
      this.#visits.settled(visit, control);
    }
  }
}
