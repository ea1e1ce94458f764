// Passes raw samples of what arrives to the page, with the time up to which they reach; no
// smoothing, no analyser.
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
      this.port.postMessage({ samples: this.block.slice(), until: currentTime });
      this.at = 0;
    }
    return true;
  }
}
registerProcessor('ears', Ears);
