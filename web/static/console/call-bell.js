// A bell for who calls while the officer is on a break and looks elsewhere. On duty the page shows it.

const EVERY_MS = 8000;
const TONES_HZ = [784, 587];
const TONE_S = 0.32;
const LOUDNESS = 0.12;

export class CallBell {
  #context = null;
  #next = 0;

  /** Rings at once and then every few seconds for as long as somebody calls. */
  draw(facts) {
    const calls = facts.known && facts.day?.pause && facts.desk.tiles.some(({ state }) => state === 'calling');
    if (!calls) {
      this.#next = 0;
      return;
    }
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + EVERY_MS;
    this.#ring();
  }

  #ring() {
    this.#context ??= new AudioContext();
    const { currentTime: now } = this.#context;
    TONES_HZ.forEach((frequency, index) => {
      const tone = new OscillatorNode(this.#context, { frequency });
      const gain = new GainNode(this.#context, { gain: 0 });
      const begins = now + index * TONE_S;
      gain.gain.setValueAtTime(LOUDNESS, begins);
      gain.gain.exponentialRampToValueAtTime(0.001, begins + 2 * TONE_S);
      tone.connect(gain).connect(this.#context.destination);
      tone.start(begins);
      tone.stop(begins + 2 * TONE_S);
    });
  }
}
