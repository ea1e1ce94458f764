// The focused booth, large. Focus and air are two things: the tag says whether this booth hears.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { linkSign } from './link-bars.js';
import './meter.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import './picture.js';
import { tileSight } from './sight.js';

export class FocusPane {
  #node;
  #picture = el('vcs-picture');
  #noneIcon = iconHolder();
  #noneWord = el('span');
  #none = el('p', { class: 'focus__none' }, this.#noneIcon, this.#noneWord);
  #paused = el('p', { class: 'focus__paused' });
  #number = el('b');
  #earIcon = iconHolder();
  #earWord = el('span');
  #tag = el('p', { class: 'focus__tag' }, this.#number, el('span', {}, this.#earIcon, this.#earWord));
  #figures = el('span');
  #stat;
  #level = el('vcs-level');
  #call;
  #talk;
  #hold;
  #text;
  #shot;
  #menu = null;
  #bar;

  /** `act` {callNext(slot), talk(slot), hold(), text(), capture(), link(target)}; `facts` is asked for the focus at the
   *  press. */
  constructor(node, act, facts) {
    this.#node = node;
    this.#call = keyButton('btn--main', () => act.callNext(facts.focus));
    this.#talk = keyButton('btn--main', () => act.talk(facts.focus));
    this.#hold = keyButton('', () => act.hold());
    this.#text = keyButton('', () => act.text());
    this.#shot = keyButton('', () => act.capture());
    this.#shot.node.setAttribute('aria-haspopup', 'menu');
    this.#stat = linkSign('focus__stat num', () => act.link({ of: 'focus', slot: null, sign: this.sign }), this.#figures);
    this.#bar = el('div', { class: 'focus__bar' }, this.#call.node, this.#talk.node, this.#hold.node, this.#shot.node, this.#text.node);
    node.replaceChildren(
      el('div', { class: 'focus__view' }, this.#picture, this.#none, this.#paused, this.#tag, this.#stat.node, this.#bar, this.#level),
    );
  }

  /** What pictures are looked at and asked for with. */
  join({ shots, menu }) {
    this.#menu = menu;
    this.#bar.after(menu.node);
    this.#node.append(shots.node);
  }

  /** `canAsk`: a picture may be asked for. */
  draw(facts, stream, canAsk) {
    setAttribute(this.#node, 'aria-label', t('focus.label'));
    const chosen = facts.focus !== null && facts.tile(facts.focus) !== null;
    for (const part of [this.#tag, this.sign, this.#bar, this.#level]) part.hidden = !chosen;
    const sight = chosen ? tileSight(facts, facts.focus) : null;
    this.#picture.show(sight?.sees ? stream : null);
    const picture = this.#picture.draw(sight?.heldBack ?? false);
    setAttribute(this.#node, 'data-state', sight?.state ?? 'none');
    setAttribute(this.#node, 'data-picture', picture);
    this.#none.hidden = ['live', 'stalled', 'paused'].includes(picture);
    setIcon(this.#noneIcon, sight ? sight.noneIcon ?? 'empty' : 'person');
    setText(this.#noneWord, sight ? withoutPicture(facts, sight) : t('focus.none'));
    this.#paused.hidden = picture !== 'stalled' && picture !== 'paused';
    setText(this.#paused, t(picture === 'paused' ? 'picture.no_room.means' : 'picture.paused.means'));
    this.#shot.node.hidden = !canAsk;
    this.#shot.draw({ icon: 'shot', word: t('capture'), key: 'C' });
    setAttribute(this.#shot.node, 'aria-expanded', String(this.#menu?.node.hidden === false));
    if (sight) this.#drawSigns(sight);
    this.#call.node.hidden = !sight?.canCall;
    if (sight?.canCall) this.#call.draw({ icon: 'bell', word: t('call.next', { code: facts.firstFor(sight.slot), n: sight.slot }), key: '' });
  }

  /** The sign that opens the numbers of this booth's link. */
  get sign() {
    return this.#stat.node;
  }

  /** {width, height, fps} of the picture shown, or null. */
  get figures() {
    return this.#picture.figures;
  }

  set level(level) {
    this.#level.value = level;
  }

  #drawSigns(sight) {
    setText(this.#number, String(sight.slot));
    setIcon(this.#earIcon, sight.hears ? 'ear' : 'earoff');
    setText(this.#earWord, t(sight.hears ? 'focus.hears' : 'focus.deaf'));
    const { figures } = this;
    setText(this.#figures, figures ? figuresText(figures) : t('focus.no_picture'));
    this.#stat.draw(sight.link, t('booth.n', { n: sight.slot }));
    this.#level.hidden = !sight.sees;
    this.#level.heard = sight.heard;
    setAttribute(this.#level, 'aria-label', t('level'));
    this.#hold.node.hidden = !sight.onAir;
    this.#hold.draw({ icon: 'pause', word: t('hold'), key: 'Esc' });
    this.#talk.node.hidden = !sight.canTalk;
    this.#talk.draw({ icon: 'mic', word: t('talk'), key: String(sight.slot) });
    this.#text.node.hidden = !sight.onAir;
    this.#text.draw({ icon: 'msg', word: t('text.write'), key: 'T' });
  }
}

export function figuresText({ width, height, fps }) {
  return `${width} × ${height} · ${fps}/s`;
}

function withoutPicture(facts, { slot, state, sees }) {
  const tile = facts.tile(slot);
  if (state === 'lost') return t('focus.none.lost');
  if (sees) return t('focus.none.coming');
  if (['vacant', 'offline'].includes(state)) return t(`focus.none.${state}`);
  if (tile.occupant === null) return t('focus.none.empty');
  if (!tile.consented) return t('focus.none.consent');
  if (!['ok', 'off'].includes(tile.camera)) return t('focus.none.camera');
  return t('focus.none.coming');
}
