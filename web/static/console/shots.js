// The pictures of a visit under the focus picture: one place for each that the flow wants.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { allOf, lastPicture, say } from './visit-state.js';

const SUBJECT_ICONS = { card: 'card', face: 'face', document: 'doc' };
const THUMBNAIL_PX = 320;

/** Where a stored picture is; `width` in pixels, none: as it was taken. */
export function pictureUrl(id, width = null) {
  return `/captures/${encodeURIComponent(id)}${width ? `?width=${width}` : ''}`;
}

/** {tone, icon, text}: what is to be said of a capture's last picture. */
export function verdict(picture, asked) {
  if (asked) return { tone: 'note', icon: 'wait', text: t('shot.asked') };
  if (!picture) return { tone: 'open', icon: 'empty', text: t('shot.none') };
  if (picture.accepted === true) return { tone: 'good', icon: 'check', text: t('shot.accepted') };
  if (picture.accepted === false) return { tone: 'bad', icon: 'cross', text: t('shot.refused') };
  if (picture.advice.length) return { tone: 'bad', icon: 'alert', text: picture.advice.map((code) => t(`advice.${code}`)).join(', ') };
  return { tone: 'good', icon: 'check', text: t('shot.good') };
}

export class Shots {
  #shots;
  #act;

  /** `act` {look(capture), askCapture(capture)}: at the picture, or for one when there is none. */
  constructor(act) {
    this.#act = act;
    this.node = el('div', { class: 'shots', role: 'group' });
    this.#shots = new Kept(this.node, (name) => this.#make(name));
  }

  /** `view` null: no visit runs here. */
  draw(view) {
    const captures = view ? allOf(view.flow, 'captures') : [];
    this.node.hidden = captures.length === 0;
    setAttribute(this.node, 'aria-label', t('shots.label'));
    const shots = this.#shots.of(captures.map(({ name }) => name));
    captures.forEach((capture, index) => {
      const shot = shots[index];
      const picture = lastPicture(view.sheet, capture.name);
      const said = verdict(picture, view.sheet.asked.includes(capture.name));
      shot.picture = picture;
      setAttribute(shot.node, 'data-tone', said.tone);
      setAttribute(shot.node, 'aria-label', `${say(capture.label)}: ${said.text}. ${t(picture ? 'shot.look' : 'shot.ask')}`);
      setAttribute(shot.node, 'title', `${say(capture.label)}: ${said.text}`);
      setIcon(shot.none, SUBJECT_ICONS[capture.subject]);
      setAttribute(shot.image, 'src', picture ? pictureUrl(picture.id, THUMBNAIL_PX) : null);
      shot.image.hidden = !picture;
      shot.none.hidden = picture !== null;
      setIcon(shot.sign, said.icon);
      setText(shot.name, say(capture.label));
      setText(shot.word, said.text);
    });
  }

  #make(name) {
    const shot = { image: el('img', { class: 'shot__img', alt: '', decoding: 'async', hidden: true }), none: iconHolder(), sign: iconHolder(), name: el('b'), word: el('span', { class: 'shot__word' }), picture: null };
    shot.node = el('button', { type: 'button', class: 'shot', 'data-capture': name },
      el('span', { class: 'shot__pic' }, shot.image, shot.none),
      el('span', { class: 'shot__cap' }, shot.sign, el('span', {}, shot.name, shot.word)));
    shot.node.addEventListener('click', () => (shot.picture ? this.#act.look(name) : this.#act.askCapture(name)));
    return shot;
  }
}
