// Passes raw samples of what arrives to the page; no smoothing, no analyser.
class Ears extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(1024);
    this.at = 0;
  }

  process([input]) {
    const samples = input[0] ?? new Float32Array(128);
    this.block.set(samples, this.at);
    this.at += samples.length;
    if (this.at >= this.block.length) {
      this.port.postMessage(this.block.slice());
      this.at = 0;
    }
    return true;
  }
}
registerProcessor('ears', Ears);
