// Listens to one sound that arrives: says when it begins and when it has ended, by the wall clock at
// which the audio thread had the samples in hand, and shows its last samples to who asks.

const ON = 0.01; // -40 dBFS: a tone of ours is at -20 or above
const OFF = 0.001; // -60 dBFS
const ENDED_AFTER = 20; // blocks below OFF, hence 53 ms
const SAMPLES = 8192; // 171 ms

class Ear extends AudioWorkletProcessor {
  #ring = new Float32Array(SAMPLES);
  #at = 0;
  #on = false;
  #quiet = 0;
  #lastLoud = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      const samples = new Float32Array(SAMPLES);
      samples.set(this.#ring.subarray(this.#at));
      samples.set(this.#ring.subarray(0, this.#at), SAMPLES - this.#at);
      this.port.postMessage({ id: data.id, samples }, [samples.buffer]);
    };
  }

  process([input]) {
    const samples = input[0] ?? new Float32Array(128);
    let peak = 0;
    for (let i = 0; i < samples.length; i += 1) {
      const loud = Math.abs(samples[i]);
      if (loud > peak) peak = loud;
    }
    this.#ring.set(samples, this.#at); // a block is 128 samples, and the ring a multiple of that
    this.#at = (this.#at + samples.length) % SAMPLES;
    const now = Date.now();
    if (peak > OFF) {
      this.#quiet = 0;
      this.#lastLoud = now;
    } else {
      this.#quiet += 1;
    }
    if (!this.#on && peak > ON) {
      this.#on = true;
      this.port.postMessage({ on: true, at: now });
    } else if (this.#on && this.#quiet === ENDED_AFTER) {
      this.#on = false;
      this.port.postMessage({ on: false, at: this.#lastLoud });
    }
    return true;
  }
}
registerProcessor('ear', Ear);
