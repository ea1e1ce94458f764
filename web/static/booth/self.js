// The visitor's own picture.

import { el } from '../element.js';

export class Self {
  video = el('video', { class: 'pic', playsinline: true });

  constructor() {
    this.video.muted = true;
  }

  setTrack(track) {
    if (this.video.srcObject?.getVideoTracks()[0] === (track ?? undefined)) return;
    this.video.srcObject = track ? new MediaStream([track]) : null;
    this.resume();
  }

  /** After the picture was moved to another place of the page. */
  resume() {
    if (this.video.srcObject && this.video.isConnected) this.video.play().catch(() => {});
  }
}
