// A still: one full frame of a camera's track, as a JPEG.

const QUALITY = 0.92;
const FRAME_MS = 5000;
const GROWN_MS = 2000; // for a camera that was asked for more just before

/** A Blob of the frame that the track shows now. Throws when the track gives none. */
export async function takeStill(track) {
  return (await largerPhoto(track)) ?? (await frameOf(track));
}

/** The camera's own photograph where that is larger than its track; else null. */
async function largerPhoto(track) {
  // A canvas has no photographs to take: asking fails, at times after a long wait.
  if (!('ImageCapture' in window) || 'canvas' in track) return null;
  try {
    const { width = 0, height = 0, deviceId } = track.getSettings();
    if (!deviceId) return null;
    const capture = new ImageCapture(track);
    const { imageWidth, imageHeight } = await capture.getPhotoCapabilities();
    const wide = imageWidth?.max ?? 0;
    const high = imageHeight?.max ?? 0;
    if (wide * high <= width * height) return null;
    return await capture.takePhoto({ imageWidth: wide, imageHeight: high });
  } catch {
    return null; // a frame of the track is a picture too
  }
}

async function frameOf(track) {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    await withFrame(video, track);
    await grown(video, track);
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    return await jpegOf(canvas);
  } finally {
    video.srcObject = null;
  }
}

/** The first frames may be those of before, when the camera gave less. */
async function grown(video, track) {
  const { width = 0, height = 0 } = track.getSettings();
  const until = performance.now() + GROWN_MS;
  while (video.videoWidth * video.videoHeight < width * height && performance.now() < until) {
    await withFrame(video, track);
  }
}

async function withFrame(video, track) {
  let timer;
  const late = new Promise((_, reject) => {
    const fail = () => reject(new Error('the camera gives no picture'));
    timer = setTimeout(fail, FRAME_MS);
    track.addEventListener('ended', fail, { once: true });
    if (track.readyState === 'ended') fail();
  });
  const frame = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  try {
    await Promise.race([Promise.all([video.play(), frame]), late]);
  } finally {
    clearTimeout(timer);
  }
}

function jpegOf(canvas) {
  return new Promise((resolve, reject) => {
    const done = (blob) => (blob ? resolve(blob) : reject(new Error('no picture was made')));
    canvas.toBlob(done, 'image/jpeg', QUALITY);
  });
}
