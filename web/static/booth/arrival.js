// How a visit begins where there is something to choose: a ticket or a service.

const ALONE_AFTER_MS = 60_000; // nobody goes on choosing: back to the start

/** `at`: null (the start screen), `services` or `ticket`. `changed` is called when it changes. */
export class Arrival {
  at = null;
  services = [];
  problem = null; // the server's word on the ticket
  ticket = { letter: 'A', digits: '' };
  revision = 0;
  #signal;
  #changed;
  #timer = null;

  constructor(signal, changed) {
    this.#signal = signal;
    this.#changed = changed;
    for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, () => this.#watch());
  }

  joined(welcome) {
    this.services = welcome.services ?? [];
    this.#go(null);
  }

  /** The start button: straight on where there is nothing to choose. */
  touch() {
    if (this.services.length > 1) this.#go('services');
    else this.#signal.send({ type: 'start' });
  }

  haveTicket() {
    this.#go('ticket');
  }

  choose(service) {
    this.#start({ service });
  }

  give(ticket) {
    this.#start({ ticket });
  }

  back() {
    this.#go(this.at === 'ticket' ? 'services' : null);
  }

  /** An `error` that is about a ticket. */
  hear(message) {
    if (message.type !== 'error' || !message.code.startsWith('ticket_')) return;
    this.problem = message.code;
    this.at ??= 'ticket';
    this.#draw();
  }

  /** Somebody sits here, or nobody any more: the choice is over. */
  over() {
    if (this.at !== null) this.#go(null);
  }

  #start(what) {
    this.problem = null;
    this.#signal.send({ type: 'start', ...what });
    this.#draw();
  }

  #go(at) {
    this.at = at;
    this.problem = null;
    this.ticket = { letter: 'A', digits: '' };
    this.#watch();
    this.#draw();
  }

  #watch() {
    clearTimeout(this.#timer);
    if (this.at !== null) this.#timer = setTimeout(() => this.#go(null), ALONE_AFTER_MS);
  }

  #draw() {
    this.revision += 1;
    this.#changed();
  }
}
