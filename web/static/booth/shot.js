// One full frame of the camera, as a JPEG.

const QUALITY = 0.92;

export class NoPicture extends Error {
  code = 'no_camera';
}

/** The next frame of a live track, in the size in which the camera gives it. */
export async function take(track) {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  try {
    await video.play();
    if (video.videoWidth === 0) throw new NoPicture('the camera gives no picture');
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    const picture = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
    canvas.width = canvas.height = 0; // its memory goes at once
    if (!picture) throw new NoPicture('the frame could not be kept');
    return picture;
  } finally {
    video.srcObject = null;
  }
}
