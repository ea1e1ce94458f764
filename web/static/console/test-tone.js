// Two notes on one loudspeaker, to hear whether it is the right one.

import { el } from '../element.js';

const NOTES = [[523, 0], [659, 0.22]]; // Hz, start in seconds
const NOTE_S = 0.2;
const LOUDNESS = 0.15;

/** `sink`: the output device, '' for the system's own. Resolves when it is over. */
export async function playTestTone(sink) {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const element = el('audio');
  element.srcObject = out.stream;
  if (sink) await element.setSinkId?.(sink);
  await element.play();
  const start = context.currentTime + 0.05;
  const last = NOTES.map(([frequency, at]) => {
    const note = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setTargetAtTime(LOUDNESS, start + at, 0.01);
    gain.gain.setTargetAtTime(0, start + at + NOTE_S - 0.05, 0.02);
    note.connect(gain).connect(out);
    note.start(start + at);
    note.stop(start + at + NOTE_S + 0.1);
    return note;
  }).at(-1);
  await new Promise((resolve) => last.addEventListener('ended', resolve));
  element.srcObject = null;
  await context.close();
}
