// One booth in its fixed place: <vcs-tile>.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { Age } from './age.js';
import { linkSign } from './link-bars.js';
import './meter.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import './picture.js';
import { STATE_ICONS, tileSight } from './sight.js';

export class Tile extends HTMLElement {
  #slot = 0;
  #onAir = false;
  #picture = el('vcs-picture');
  #level = el('vcs-level');
  #none = el('span', { class: 'tile__none' });
  #paused = el('span', { class: 'tile__paused' });
  #markIcon = iconHolder();
  #markWord = el('span');
  #mark = el('span', { class: 'mark' }, this.#markIcon, this.#markWord);
  #weak = el('span', { class: 'linkword' });
  #link;
  #branch = el('span', { class: 'tile__branch' });
  #name = el('span', { class: 'tile__name' });
  #age = new Age();
  #lineIcon = iconHolder();
  #lineText = el('span');
  #steps = el('span', { class: 'steps' });
  #count = el('b', { class: 'num' });
  #line = el('span', { class: 'tile__line' }, this.#steps, this.#count, this.#lineIcon, this.#lineText);
  #flags = el('span', { class: 'tile__flags' }, icon('flag'));
  #face = el('button', { type: 'button', class: 'tile__face' });
  #talk;

  /** `act` {focus(slot), talk(slot), hold(), link(target)}. Once, before the tile is put on the page. */
  build(slot, act) {
    this.#slot = slot;
    this.classList.add('tile');
    this.setAttribute('role', 'group');
    this.dataset.slot = String(slot);
    this.#talk = keyButton('btn--main tile__talk', () => (this.#onAir ? act.hold() : act.talk(slot)));
    this.#link = linkSign('tile__link', () => act.link({ of: 'tile', slot, sign: this.#link.node }), this.#weak);
    this.#face.addEventListener('click', () => act.focus(slot));
    this.#face.addEventListener('dblclick', () => act.talk(slot));
    this.append(
      el('span', { class: 'tile__view', 'aria-hidden': 'true' }, this.#picture, this.#none,
        el('span', { class: 'tile__top' }, el('span', { class: 'tile__n' }, String(slot)), this.#branch),
        this.#paused, this.#mark, this.#level),
      el('span', { class: 'tile__body', 'aria-hidden': 'true' }, el('span', { class: 'tile__who' }, this.#flags, this.#name), this.#age.node, this.#line),
      this.#face,
      this.#link.node,
      this.#talk.node,
    );
    return this;
  }

  /** `stream`: this booth's picture, null when there is none on this connection. */
  draw(facts, stream) {
    const sight = tileSight(facts, this.#slot);
    this.#onAir = sight.onAir;
    const flags = sight.flags.map((flag) => t(`flag.${flag}`)).join(', ');
    this.#picture.show(sight.sees ? stream : null);
    const picture = this.#picture.draw(sight.heldBack);
    setAttribute(this, 'data-state', sight.state);
    setAttribute(this, 'data-asked', sight.asked ? '' : null);
    setAttribute(this, 'data-picture', picture);
    setAttribute(this, 'data-paused', picture === 'paused' ? '' : null);
    setAttribute(this, 'aria-current', sight.focused ? 'true' : null);
    setAttribute(this, 'aria-label', t('booth.n', { n: this.#slot }));
    setAttribute(this.#face, 'aria-label', `${[sight.label, flags].filter(Boolean).join(', ')}. ${t('tile.focus')}`);
    setAttribute(this.#mark, 'data-state', sight.markState);
    setIcon(this.#markIcon, STATE_ICONS[sight.markState]);
    setText(this.#markWord, t(`state.${sight.markState}`));
    const unseen = picture === 'none' || picture === 'waiting';
    setIcon(this.#none, unseen ? sight.noneIcon : null);
    this.#paused.hidden = picture !== 'stalled' && picture !== 'paused';
    setText(this.#paused, t(picture === 'paused' ? 'picture.no_room' : 'picture.paused'));
    this.#link.node.hidden = !sight.hasLink;
    this.#link.draw(sight.link, t('booth.n', { n: this.#slot }));
    this.#weak.hidden = !sight.weak;
    setText(this.#weak, t('link.weak'));
    setText(this.#name, sight.name);
    this.#branch.hidden = sight.branch === null;
    setText(this.#branch, sight.branch ?? '');
    this.#age.draw(sight.age_ms, sight.plainAge);
    this.#drawSteps(sight.steps);
    this.#flags.hidden = sight.flags.length === 0;
    setAttribute(this.#flags, 'title', flags);
    setIcon(this.#lineIcon, sight.line.icon ?? null);
    setText(this.#lineText, sight.line.text);
    setAttribute(this.#line, 'data-tone', sight.line.tone ?? null);
    this.#level.hidden = !sight.sees;
    this.#level.heard = sight.heard;
    setAttribute(this.#level, 'aria-label', t('level'));
    this.#talk.node.hidden = !sight.canTalk && !sight.onAir;
    this.#talk.draw(
      sight.onAir
        ? { icon: 'pause', word: t('hold'), key: 'Esc' }
        : { icon: 'mic', word: t('talk'), key: String(this.#slot) },
    );
  }

  #drawSteps(steps) {
    this.#steps.hidden = this.#count.hidden = steps === null;
    if (!steps) return;
    const { step, of, decided } = steps;
    setText(this.#count, `${step}/${of}`);
    if (this.#steps.childElementCount !== of) this.#steps.replaceChildren(...Array.from({ length: of }, () => el('i')));
    [...this.#steps.children].forEach((tick, index) => {
      setAttribute(tick, 'class', decided || index < step - 1 ? 'is-done' : index === step - 1 ? 'is-now' : null);
    });
  }

  /** {width, height, fps} of the picture shown, or null. */
  get figures() {
    return this.#picture.figures;
  }

  set level(level) {
    this.#level.value = level;
  }
}

customElements.define('vcs-tile', Tile);
