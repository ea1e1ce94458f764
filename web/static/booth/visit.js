// One occupancy as the page lives it: what the visitor does, and what is wiped after it.

const CONSENT_WITHIN_MS = 120_000;
const GOODBYE_MS = 10_000;
const LANGUAGE_KEPT_MS = 60_000;
const FIRST_LANGUAGE = 'id';

/**
 * Keeps `facts.state`, `facts.help`, `facts.goodbye` and `facts.again`, and calls `changed` when
 * they change. Event `language`: another language is to be shown.
 */
export class Visit extends EventTarget {
  language = FIRST_LANGUAGE;
  goodbye = null; // {kind, until}
  act;
  #signal;
  #facts;
  #changed;
  #consentVersion = '';
  #wanted = null; // a language that the server has not confirmed yet
  #declined = false;
  #wasRunning = false;
  #quiet = null; // runs out when nobody has touched the screen
  #goodbyeTimer = null;

  constructor(signal, facts, changed) {
    super();
    this.#signal = signal;
    this.#facts = facts;
    this.#changed = changed;
    this.act = {
      start: () => signal.send({ type: 'start' }),
      agree: () => this.#answer(true),
      decline: () => this.#answer(false),
      call: (active) => this.#ask({ type: 'call', active }),
      cannotHear: (active) => this.#ask({ type: 'cannot_hear', active }),
      readText: (number) => signal.send({ type: 'read_text', number }),
      help: (page) => this.#help(page),
      stop: () => this.#ask({ type: 'end', occupant: facts.state?.occupant }),
      toStart: () => this.#endGoodbye(),
    };
    for (const touch of ['pointerdown', 'keydown']) {
      document.addEventListener(touch, () => this.#watchQuiet());
    }
  }

  joined(welcome) {
    this.#consentVersion = welcome.consent_version;
    this.#wanted = null;
  }

  left() {
    this.#facts.state = null;
    this.#facts.help = null;
    this.#endGoodbye();
    clearTimeout(this.#quiet);
  }

  /** A `booth_state` came. */
  told(state) {
    const facts = this.#facts;
    const before = facts.state;
    facts.state = state;
    if (before && (before.phase !== state.phase || before.text?.number !== state.text?.number)) {
      facts.help = null;
    }
    if (before && before.visit !== 'none' && state.visit === 'none') {
      if (before.visit === 'running') this.#startGoodbye('ended');
      else if (this.#declined) this.#startGoodbye('declined');
    }
    if (state.visit !== 'none') this.#endGoodbye();
    if (state.visit !== 'consent') this.#declined = false;
    this.#wasRunning = state.visit === 'running' || (this.#wasRunning && state.visit === 'consent');
    facts.again = this.#wasRunning && state.visit === 'consent';
    if (before?.visit !== state.visit || before?.phase !== state.phase) this.#watchQuiet();
    this.#languageTold(state.language);
    this.#changed();
  }

  wantLanguage(language) {
    this.#wanted = this.#signal.send({ type: 'set_language', language }) ? language : null;
    this.#speak(language);
    this.#watchQuiet();
  }

  #languageTold(language) {
    // A state that was under way when the visitor chose would turn the page back for a moment.
    if (this.#wanted !== null && this.#wanted !== language) return;
    this.#wanted = null;
    this.#speak(language);
  }

  #speak(language) {
    if (language === this.language) return;
    this.language = language;
    this.dispatchEvent(new Event('language'));
  }

  #answer(agreed) {
    const { state } = this.#facts;
    if (state?.visit !== 'consent') return;
    this.#declined = !agreed;
    this.#signal.send({
      type: 'consent',
      occupant: state.occupant,
      agreed,
      language: this.language,
      text_version: this.#consentVersion,
    });
  }

  #ask(message) {
    this.#signal.send(message);
    this.#help(null);
  }

  #help(page) {
    this.#facts.help = page;
    this.#changed();
  }

  /** Nobody answers the consent question: back to the start. Nobody sits here: back to the first
   *  language. */
  #watchQuiet() {
    clearTimeout(this.#quiet);
    const { state } = this.#facts;
    if (state?.visit === 'consent' && state.phase === 'consent') {
      const { occupant } = state;
      this.#quiet = setTimeout(() => this.#signal.send({ type: 'end', occupant }), CONSENT_WITHIN_MS);
    } else if (state?.visit === 'none') {
      this.#quiet = setTimeout(() => this.#firstLanguage(), LANGUAGE_KEPT_MS);
    }
  }

  #firstLanguage() {
    if (this.language !== FIRST_LANGUAGE) this.wantLanguage(FIRST_LANGUAGE);
  }

  #startGoodbye(kind) {
    this.goodbye = { kind, until: performance.now() + GOODBYE_MS };
    this.#facts.goodbye = kind;
    clearTimeout(this.#goodbyeTimer);
    this.#goodbyeTimer = setTimeout(() => {
      this.#endGoodbye();
      this.#firstLanguage();
    }, GOODBYE_MS);
  }

  #endGoodbye() {
    clearTimeout(this.#goodbyeTimer);
    if (this.#facts.goodbye === null) return;
    this.#facts.goodbye = null;
    this.goodbye = null;
    this.#changed();
  }
}
