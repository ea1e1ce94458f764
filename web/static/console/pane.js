// One picture of a comparison: enlarged, moved and turned for the eye alone; the file stays as it is.

import { button, el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { pictureUrl, verdict } from './shots.js';
import { say } from './visit-state.js';

const ZOOM_STEP = 1.25;
const MOST_ZOOM = 8;
const SUBJECT_ICONS = { card: 'card', face: 'face', document: 'doc' };

export class Pane {
  #image = el('img', { class: 'pane__img', draggable: 'false' });
  #view = el('div', { class: 'pane__pic' });
  #icon = iconHolder();
  #name = el('span');
  #list = el('p', { class: 'pane__facts num' });
  #facts = new Kept(this.#list, () => makeFact());
  #zoom = 1;
  #turns = 0;
  #at = { x: 0, y: 0 };
  #shown = null;

  /** `choose()`: this picture is the one that keys are about now. */
  constructor(choose) {
    this.#view.append(this.#image,
      el('figcaption', { class: 'pane__name' }, this.#icon, this.#name),
      el('span', { class: 'pane__tools' },
        tool('turn', 'pane.turn', () => this.#turn()),
        tool('minus', 'pane.smaller', () => this.#enlarge(1 / ZOOM_STEP)),
        tool('zoom', 'pane.larger', () => this.#enlarge(ZOOM_STEP))));
    this.node = el('figure', { class: 'pane', tabindex: '0' }, this.#view, this.#list);
    this.node.addEventListener('focusin', choose);
    this.node.addEventListener('pointerdown', choose);
    this.#view.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.#enlarge(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP);
    }, { passive: false });
    this.#view.addEventListener('pointermove', (event) => this.#move(event));
  }

  /** `capture` of the flow, `picture` of the sheet; `asked`: another one is asked for. */
  draw(capture, picture, asked, chosen) {
    if (this.#shown !== picture.id) {
      this.#shown = picture.id;
      this.#image.src = pictureUrl(picture.id);
      this.#zoom = 1;
      this.#turns = 0;
      this.#place();
    }
    const label = say(capture.label);
    setAttribute(this.#image, 'alt', label);
    setIcon(this.#icon, SUBJECT_ICONS[capture.subject]);
    setText(this.#name, label);
    setAttribute(this.node, 'aria-label', label);
    setAttribute(this.node, 'data-chosen', chosen ? '' : null);
    for (const each of this.node.querySelectorAll('[data-word]')) setAttribute(each, 'aria-label', `${t(each.dataset.word)}: ${label}`);
    const said = verdict(picture, asked);
    drawFacts(this.#facts, [
      { icon: picture.advice.includes('too_small') ? 'alert' : 'check', tone: picture.advice.includes('too_small') ? 'bad' : 'good', text: `${picture.width} × ${picture.height}` },
      ...picture.advice.map((code) => ({ icon: 'alert', tone: 'bad', text: t(`advice.${code}`) })),
      ...(picture.advice.length && picture.accepted === null && !asked ? [] : [said]),
    ]);
  }

  /** No picture: the last one does not stay in the page. */
  clear() {
    this.#shown = null;
    this.#image.removeAttribute('src');
  }

  #turn() {
    this.#turns = (this.#turns + 3) % 4;
    this.#place();
  }

  #enlarge(by) {
    this.#zoom = Math.min(MOST_ZOOM, Math.max(1, this.#zoom * by));
    this.#place();
  }

  #move({ buttons, movementX, movementY }) {
    if (!(buttons & 1) || this.#zoom === 1) return;
    this.#at = { x: this.#at.x + movementX, y: this.#at.y + movementY };
    this.#place();
  }

  /** Never so far aside that nothing of it is left in sight. */
  #place() {
    const { clientWidth, clientHeight } = this.#view;
    const most = (size) => (size * (this.#zoom - 1)) / 2;
    const within = (at, size) => Math.max(-most(size), Math.min(most(size), at));
    this.#at = { x: within(this.#at.x, clientWidth), y: within(this.#at.y, clientHeight) };
    const aside = this.#turns % 2 === 1 && clientHeight > 0 ? clientHeight / clientWidth : 1;
    const { style } = this.#image;
    style.setProperty('transform', `translate(${this.#at.x}px, ${this.#at.y}px) rotate(${this.#turns * 90}deg) scale(${this.#zoom * aside})`);
    this.node.classList.toggle('is-zoomed', this.#zoom > 1);
  }
}

/** Draws [{icon, tone, text}] under a picture. */
export function drawFacts(kept, facts) {
  kept.of(facts.map((_, index) => String(index))).forEach((row, index) => {
    setIcon(row.icon, facts[index].icon);
    setText(row.text, facts[index].text);
    setAttribute(row.node, 'data-tone', facts[index].tone);
  });
}

export function makeFact() {
  const row = { icon: iconHolder(), text: el('span') };
  row.node = el('span', {}, row.icon, row.text);
  return row;
}

function tool(iconName, word, onclick) {
  return button('', iconName, '', onclick, { 'data-word': word });
}
