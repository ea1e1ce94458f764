// Hand-overs as this console knows them: what is offered to it, what became of its own offers, and
// the commands. Nothing is remembered across connections.

const SAID_MS = 15_000;

/** Calls `changed` when something is told. */
export class HandOvers {
  offers = []; // to this desk, oldest first: as the server tells them, with `at`
  said = null; // {slot, visitor, officer, how, until}: the last of our own that ended
  refusal = null; // {code, until}: of an answer to an offer
  #signal;
  #changed;

  constructor(signal, changed) {
    this.#signal = signal;
    this.#changed = changed;
  }

  /** True when the message was about hand-overs. */
  told(message) {
    if (message.type === 'hand_over_offers') {
      const before = new Map(this.offers.map((each) => [each.offer, each]));
      this.offers = message.offers.map((each) => before.get(each.offer) ?? { ...each, at: performance.now() });
    } else if (message.type === 'hand_over_ended') {
      if (message.how === 'withdrawn' || message.how === 'talk') return true; // our own doing
      this.said = { ...message, until: performance.now() + SAID_MS };
    } else return false;
    this.#changed();
    return true;
  }

  lost() {
    this.offers = [];
    this.said = null;
    this.refusal = null;
  }

  /** Sentences that have stood long enough go. */
  tick() {
    if (this.said && performance.now() > this.said.until) this.said = null;
    if (this.refusal && performance.now() > this.refusal.until) this.refusal = null;
  }

  forgetSaid() {
    this.said = null;
    this.#changed();
  }

  async colleagues() {
    return (await this.#signal.request({ type: 'ask_colleagues' })).colleagues;
  }

  /** These reject with what the server refuses. */
  offer({ slot, visit }, desk, reason) {
    return this.#signal.request({ type: 'offer_hand_over', slot, visit, desk, reason });
  }

  withdraw({ slot, visit }) {
    return this.#signal.request({ type: 'withdraw_hand_over', slot, visit });
  }

  async answer({ offer }, accepted) {
    try {
      await this.#signal.request({ type: 'answer_hand_over', offer, accepted });
    } catch (problem) {
      if (problem.code !== 'down') this.refusal = { code: problem.code, until: performance.now() + SAID_MS };
    }
    this.#changed();
  }
}
