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

/** Sets scales, rates and which encodings are active for the size that this track really has. */
export async function fitEncodings(sender, track) {
  const parameters = sender.getParameters();
  if (parameters.encodings.length !== CAMERA_ENCODINGS.length) return;
  const { width = WIDEST, height = 720 } = track.getSettings();
  const longest = Math.max(width, height);
  const plan = PLANS.find((each) => longest >= each.width);
  const shrink = Math.max(1, longest / WIDEST);
  parameters.encodings.forEach((encoding, index) => {
    const layer = plan.layers[index];
    encoding.active = layer !== undefined;
    if (!layer) return;
    encoding.scaleResolutionDownBy = layer[0] * shrink;
    encoding.maxBitrate = layer[1];
  });
  await sender.setParameters(parameters);
}
