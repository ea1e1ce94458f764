// Which sizes of its camera a page sends, and at what rate.

/** Encodings of a camera section, made before the camera is known: `fitEncodings` fits them.
 *  Low to high, because Chromium leaves out the last ones when the picture is small. */
export const CAMERA_ENCODINGS = [
  { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];

/** What to ask of `getUserMedia`. */
export const CAMERA_WISH = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

// Smallest width at which Chromium still encodes so many sizes (960x540: three, 480x270: two).
const PLANS = [
  { width: 960, layers: [[4, 120_000], [2, 400_000], [1, 1_200_000]] },
  { width: 480, layers: [[2, 150_000], [1, 500_000]] },
  { width: 0, layers: [[1, 250_000]] },
];
const WIDEST = 1280;
// What a weak computer captures; `slower` is smaller as well (see `adaptation.js`).
const SMALLER = { width: { ideal: 640 }, height: { ideal: 360 } };
const SLOWER = { ideal: 15, max: 15 };
const natural = new WeakMap(); // track -> its longest side before anything was taken away
const shrunk = new WeakSet(); // tracks that give less than they can

/** Sets scales, rates and which encodings are active for the size that this track really has, and
 *  for the step of the page's adaptation. */
export async function fitEncodings(sender, track, step = 'full') {
  const parameters = sender.getParameters();
  if (parameters.encodings.length !== CAMERA_ENCODINGS.length) return;
  const longest = longestSide(track);
  const whole = Math.max(natural.get(track) ?? 0, longest);
  const { layers } = PLANS.find((each) => whole >= each.width);
  const kept = step === 'full' || layers.length === 1 ? layers : layers.slice(0, -1);
  // Layers keep their size when the camera gives less: then less is left to scale away.
  const shrink = longest / Math.min(whole, WIDEST);
  parameters.encodings.forEach((encoding, index) => {
    const layer = kept[index];
    encoding.active = layer !== undefined;
    if (!layer) return;
    encoding.scaleResolutionDownBy = Math.max(1, layer[0] * shrink);
    encoding.maxBitrate = layer[1];
  });
  await sender.setParameters(parameters);
}

/** Makes the camera give what this step allows; `wish` is what was asked of it at first. */
export async function fitCapture(track, wish, step) {
  natural.set(track, Math.max(natural.get(track) ?? 0, longestSide(track)));
  const small = step === 'smaller' || step === 'slower';
  if (!small && !shrunk.has(track)) return;
  try {
    await track.applyConstraints({
      ...wish,
      ...(small ? SMALLER : {}),
      ...(step === 'slower' ? { frameRate: SLOWER } : {}),
    });
  } catch (problem) {
    if (problem.name !== 'OverconstrainedError') throw problem;
    return; // a camera that knows no less goes on as it is
  }
  if (small) shrunk.add(track);
  else shrunk.delete(track);
}

function longestSide(track) {
  const { width = WIDEST, height = 720 } = track.getSettings();
  return Math.max(width, height);
}
