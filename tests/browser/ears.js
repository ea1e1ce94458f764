// Raw samples of what arrives, no smoothing, no analyser. They stay here until the page asks: a
// message for every block would cost a page more than all of its own work.
const SAMPLES = 16384; // 0.34 s

class Ears extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Float32Array(SAMPLES);
    this.at = 0;
    this.asked = []; // {id, since}: wants a whole window of what comes after `since`
    this.port.onmessage = ({ data }) => this.asked.push(data);
  }

  process([input]) {
    const samples = input[0] ?? new Float32Array(128);
    this.ring.set(samples, this.at);
    this.at = (this.at + samples.length) % SAMPLES;
    if (this.asked.length === 0) return true;
    const whole = currentTime - SAMPLES / sampleRate;
    for (const { id } of this.asked.filter(({ since }) => since <= whole)) {
      const ordered = new Float32Array(SAMPLES);
      ordered.set(this.ring.subarray(this.at));
      ordered.set(this.ring.subarray(0, this.at), SAMPLES - this.at);
      this.port.postMessage({ id, samples: ordered }, [ordered.buffer]);
    }
    this.asked = this.asked.filter(({ since }) => since > whole);
    return true;
  }
}
registerProcessor('ears', Ears);
