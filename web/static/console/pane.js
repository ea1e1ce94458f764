// One picture of a comparison: enlarged, moved, turned and cut. What is only looked at changes
// nothing; what is kept is cut out by the server, and the original stays as it is.

import { button, el } from '../element.js';
import { t } from '../i18n.js';
import { Cropper } from './cropper.js';
import { isWhole, turnedSize, turnRectangle, uprightRectangle, whole } from './cut.js';
import { Magnifier } from './magnifier.js';
import { iconHolder, Kept, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { pictureUrl, verdict } from './shots.js';
import { Versions } from './versions.js';
import { refusalWords, say, versionsOf } from './visit-state.js';

const CORNERS_PX = 40; // round a picture that is cut, so that its corners can be taken
const SUBJECT_ICONS = { card: 'card', face: 'face', document: 'doc' };

export class Pane {
  #image = el('img', { class: 'pane__img', draggable: 'false' });
  #view = el('div', { class: 'pane__pic' });
  #icon = iconHolder();
  #name = el('span');
  #tools;
  #list = el('p', { class: 'pane__facts num' });
  #facts = new Kept(this.#list, () => makeFact());
  #magnifier = new Magnifier(this.#view, () => this.#place());
  #cropper = new Cropper({ changed: () => this.#edited(), keep: () => this.keep(), leave: () => this.leave() });
  #versions = new Versions((id) => this.#act.choose(id));
  #status = el('p', { role: 'status' });
  #hint = el('p', { class: 'pane__hint' });
  #leave = keyButton('', () => this.leave());
  #keep = keyButton('btn--main', () => this.keep());
  #bar;
  #act;
  #turns = 0; // beyond what is shown
  #original = null; // the picture of the sheet
  #shown = null; // what is looked at: one of `versionsOf`
  #loaded = null; // id of what the image shows
  #label = '';
  #off = true;
  #saving = false;
  #refused = null; // the server's code

  /** `act` {use(): keys are about this picture now; choose(id); cut(id, turns, rectangle): resolves
   *  with null or why not}. */
  constructor(act) {
    this.#act = act;
    this.#tools = el('span', { class: 'pane__tools' },
      tool('turn', 'pane.left', ',', () => this.turn(-1)),
      tool('again', 'pane.right', '.', () => this.turn(1)),
      tool('crop', 'pane.crop', 'P', () => this.crop()),
      tool('minus', 'pane.smaller', '⇧Z', () => this.#magnifier.smaller()),
      tool('zoom', 'pane.larger', 'Z', () => this.#magnifier.larger()));
    this.#keep.node.dataset.name = 'keep';
    this.#leave.node.dataset.name = 'leave';
    this.#bar = el('div', { class: 'pane__bar', hidden: true }, this.#status, this.#hint, this.#leave.node, this.#keep.node);
    this.#view.append(this.#image, this.#cropper.node, el('figcaption', { class: 'pane__name' }, this.#icon, this.#name), this.#tools);
    this.node = el('figure', { class: 'pane', tabindex: '0' },
      el('div', { class: 'pane__main' }, this.#view, this.#bar, this.#versions.node), this.#list);
    this.node.addEventListener('focusin', () => act.use());
    this.node.addEventListener('pointerdown', () => act.use());
    this.node.addEventListener('keydown', (event) => {
      if (event.target !== this.node || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === 'Enter' && this.editing) this.keep();
      else if (!this.#magnifier.key(event)) return;
      event.preventDefault();
    });
    new ResizeObserver(() => this.#place()).observe(this.#view);
  }

  /** True while something stands in sight that is not kept. */
  get editing() {
    return this.#cropper.rectangle !== null || this.#turns !== 0;
  }

  /** `capture` of the flow, `picture` of the sheet; `asked`: another one is asked for; `off`: nothing
   *  can be kept now. */
  draw(capture, sheet, picture, { asked, chosen, off }) {
    const all = versionsOf(sheet, picture);
    const shown = all.find(({ chosen: is }) => is);
    this.#off = off;
    this.#original = all[0];
    this.#label = say(capture.label);
    if (this.#shown?.id !== shown.id) {
      this.#shown = shown;
      this.#refused = null;
      this.#magnifier.reset();
      this.leave();
    }
    setAttribute(this.#image, 'alt', this.#label);
    setIcon(this.#icon, SUBJECT_ICONS[capture.subject]);
    setText(this.#name, shown.number === 0 ? this.#label : t('pane.derived', { what: this.#label, n: shown.number }));
    setAttribute(this.node, 'aria-label', this.#name.textContent);
    setAttribute(this.node, 'data-chosen', chosen ? '' : null);
    for (const each of this.#tools.children) {
      const words = `${t(each.dataset.word)}: ${this.#label}`;
      setAttribute(each, 'aria-label', words);
      setAttribute(each, 'title', `${t(each.dataset.word)} (${each.dataset.key})`);
    }
    this.#versions.draw(all, shown.id, this.#label, off || this.editing);
    this.#versions.node.hidden ||= this.editing;
    const small = picture.advice.includes('too_small');
    const said = verdict(picture, asked);
    drawFacts(this.#facts, [
      { icon: small ? 'alert' : 'check', tone: small ? 'bad' : 'good', text: `${picture.width} × ${picture.height}` },
      ...(shown.number === 0 ? [] : [{ icon: 'crop', tone: null, text: t('pane.part', { width: shown.width, height: shown.height }) }]),
      ...picture.advice.map((code) => ({ icon: 'alert', tone: 'bad', text: t(`advice.${code}`) })),
      ...(picture.advice.length && picture.accepted === null && !asked ? [] : [said]),
    ]);
    this.#place();
  }

  /** No picture: the last one does not stay in the page. */
  clear() {
    this.leave();
    this.#shown = this.#original = this.#loaded = null;
    this.#refused = null;
    this.#image.removeAttribute('src');
    this.#versions.draw([], null, '', true);
  }

  turn(by) {
    if (!this.#shown) return;
    const { rectangle } = this.#cropper;
    const before = this.#totalTurns;
    this.#turns = (this.#turns + by + 4) % 4;
    this.#refused = null;
    if (!this.node.contains(document.activeElement)) this.node.focus({ preventScroll: true }); // Enter keeps
    if (rectangle) {
      const size = sizeOf(this.#original);
      const upright = uprightRectangle(rectangle, size, before);
      this.#cropper.open(turnRectangle(upright, size, this.#totalTurns), turnedSize(size, this.#totalTurns));
    }
    this.#act.changed();
  }

  /** Begins to cut, on the original: of one that was cut before, from where it was cut. */
  crop() {
    if (!this.#shown || this.#off) return;
    if (this.#cropper.rectangle) {
      this.leave();
      return;
    }
    const size = sizeOf(this.#original);
    this.#refused = null;
    this.#magnifier.reset();
    const from = isWhole(this.#shown.rectangle, size) ? inset(size) : this.#shown.rectangle;
    this.#cropper.open(turnRectangle(from, size, this.#totalTurns), turnedSize(size, this.#totalTurns));
    this.#act.changed();
  }

  zoom(larger) {
    if (larger) this.#magnifier.larger();
    else this.#magnifier.smaller();
  }

  /** Back to what is kept. True when something was under way. */
  leave() {
    const was = this.editing;
    const inside = this.#cropper.node.contains(document.activeElement) || this.#bar.contains(document.activeElement);
    this.#cropper.close();
    this.#turns = 0;
    this.#refused = null;
    if (inside) this.node.focus({ preventScroll: true });
    if (was) this.#act.changed();
    return was;
  }

  /** The server cuts this out of the original; what comes of it is the sheet's to tell. */
  async keep() {
    if (this.#off || this.#saving || !this.editing) return;
    const size = sizeOf(this.#original);
    const turns = this.#totalTurns;
    const { rectangle: cut } = this.#cropper;
    const rectangle = cut ? uprightRectangle(cut, size, turns) : this.#shown.rectangle;
    const { id } = this.#original;
    this.#saving = true;
    this.#refused = null;
    this.#act.changed();
    const asIs = turns === 0 && isWhole(rectangle, size);
    const refused = asIs ? await this.#act.choose(id) : await this.#act.cut(id, turns, rectangle);
    this.#saving = false;
    if (this.#original?.id !== id) return;
    // The sheet came before the answer: what was kept is shown already, unless it was shown before.
    if (refused === null) this.leave();
    this.#refused = refused;
    this.#act.changed();
  }

  get #totalTurns() {
    return (this.#shown.turns + this.#turns) % 4;
  }

  #edited() {
    this.#refused = null;
    this.#place();
  }

  /** Lays out picture, rectangle and bar. */
  #place() {
    const shown = this.#shown;
    if (!shown) return;
    const cutting = this.#cropper.rectangle !== null;
    this.node.classList.toggle('is-cutting', cutting); // which gives it more room
    this.#drawBar(cutting);
    const source = cutting ? this.#original : shown;
    if (this.#loaded !== source.id) {
      this.#loaded = source.id;
      this.#image.src = pictureUrl(source.id);
    }
    const { clientWidth, clientHeight } = this.#view;
    const margin = cutting ? CORNERS_PX : 0;
    const turns = cutting ? this.#totalTurns : this.#turns;
    const size = sizeOf(source);
    const [width, height] = turnedSize(size, turns);
    const { zoom, at } = this.#magnifier;
    const scale = Math.min((clientWidth - margin) / width, (clientHeight - margin) / height) * zoom;
    const { style } = this.#image;
    style.setProperty('width', `${size[0] * scale}px`);
    style.setProperty('height', `${size[1] * scale}px`);
    style.setProperty('transform', `translate(-50%, -50%) translate(${at.x}px, ${at.y}px) rotate(${turns * 90}deg)`);
    this.#cropper.place({ left: clientWidth / 2 + at.x - (width * scale) / 2, top: clientHeight / 2 + at.y - (height * scale) / 2, scale });
    this.node.classList.toggle('is-zoomed', zoom > 1);
  }

  #drawBar(cutting) {
    this.#bar.hidden = !this.editing;
    setAttribute(this.#tools.querySelector('[data-word="pane.crop"]'), 'aria-pressed', String(cutting));
    setAttribute(this.#tools.querySelector('[data-word="pane.crop"]'), 'aria-disabled', this.#off ? 'true' : null);
    if (!this.editing) return;
    setAttribute(this.#bar, 'data-tone', this.#refused ? 'bad' : null);
    const rectangle = this.#cropper.rectangle ?? null;
    const words = this.#refused ? refusalWords(this.#refused)
      : this.#saving ? t('cut.saving')
        : rectangle ? t('cut.size', { width: rectangle[2] - rectangle[0], height: rectangle[3] - rectangle[1] })
          : t('cut.turned');
    setText(this.#status, words);
    setText(this.#hint, t('cut.hint'));
    this.#leave.draw({ word: t('cut.leave'), key: 'X' });
    const nothing = cutting && this.#totalTurns === 0 && isWhole(rectangle, sizeOf(this.#original)) && this.#shown.number === 0;
    this.#keep.draw({ icon: 'check', word: t('cut.keep'), key: '↵', off: this.#off || this.#saving || nothing });
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

function sizeOf({ width, height }) {
  return [width, height];
}

/** Where a first rectangle stands: so far inside that its corners can be seen and taken. */
function inset(size) {
  const [left, top, right, bottom] = whole(size);
  const [x, y] = size.map((side) => Math.round(side * 0.08));
  return [left + x, top + y, right - x, bottom - y];
}

function tool(iconName, word, key, onclick) {
  const press = ({ currentTarget }) => {
    if (currentTarget.getAttribute('aria-disabled') !== 'true') onclick();
  };
  return button('', iconName, '', press, { 'data-word': word, 'data-key': key });
}
