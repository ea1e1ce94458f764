// How loud the officer's own microphone is.

const FLOOR_DB = -55;
const SILENT_AFTER_MS = 4000;

export class OwnLevel {
  #context = null;
  #analyser = null;
  #source = null;
  #samples = new Float32Array(1024);
  #soundAt = 0;

  /** Null: no microphone. */
  setTrack(track) {
    this.#source?.disconnect();
    this.#source = null;
    this.#soundAt = performance.now();
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  /** After a key or a click: a browser lets no sound be measured before one. */
  resume() {
    if (this.#context?.state === 'suspended') this.#context.resume();
  }

  /** 0 (silent) to 1 (full scale), on a scale of decibels. */
  level() {
    if (!this.#source || this.#context.state !== 'running') {
      this.#soundAt = performance.now();
      return 0;
    }
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let power = 0;
    for (const sample of this.#samples) power += sample * sample;
    if (power === 0) return 0;
    this.#soundAt = performance.now();
    const db = 10 * Math.log10(power / this.#samples.length);
    return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
  }

  /** Not one sample other than zero for a while: a mute switch on the headset. */
  get silent() {
    return this.#source !== null && performance.now() - this.#soundAt > SILENT_AFTER_MS;
  }
}
