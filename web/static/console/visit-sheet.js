// The sheet beside the focus picture: who sits there, how the booth is, and words to the visitor.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { lastTalk, STATE_ICONS, shownState, who } from './sight.js';
import { TextToVisitor } from './text-to-visitor.js';

const LINK_WORDS = ['none', 'weak', 'fair', 'good', 'good'];

export class VisitSheet {
  #node;
  #flow;
  #head;
  #title = el('h2');
  #hint = el('span');
  #language = el('span', { class: 'sheet__language' });
  #markIcon = iconHolder();
  #markWord = el('span');
  #mark = el('span', { class: 'mark' }, this.#markIcon, this.#markWord);
  #end;
  #body;
  #columns;
  #calm;
  #calmIcon = iconHolder();
  #calmTitle = el('h3');
  #calmText = el('p');
  #deafWord = el('span');
  #deaf = el('p', { class: 'tell tell--note', hidden: true }, icon('earoff'), this.#deafWord);
  #awayWord = el('span');
  #away = el('p', { class: 'tell tell--note', role: 'alert', hidden: true }, icon('alert'), this.#awayWord);
  #sections = [];
  #rows = new Map();

  /** `act` {sendText(slot, text), end()}; `flow`: the FlowSheet that stands here during a flow. */
  constructor(node, act, facts, texts, flow) {
    this.#flow = flow;
    this.#node = node;
    this.text = new TextToVisitor(act, facts, texts);
    this.#end = keyButton('', () => act.end());
    this.#columns = el('div', { class: 'sheet__cols' },
      this.#column('sheet.visit', ['started', 'consent', 'talk', 'language']),
      this.#column('sheet.booth', ['camera', 'microphone', 'link', 'place']));
    this.#calm = el('div', { class: 'sheet__calm' }, this.#calmIcon, this.#calmTitle, this.#calmText);
    this.#body = el('div', { class: 'sheet__body' }, this.#columns);
    this.#head = el('header', { class: 'sheet__head' }, el('div', { class: 'sheet__who' }, this.#title, el('p', {}, this.#hint, this.#language)), this.#mark, this.#end.node);
    node.replaceChildren(this.#head, flow.head, this.#away, this.#deaf, this.#body, flow.body, this.#calm, this.text.body, this.text.foot, flow.foot);
  }

  /** `view`: of the visit whose sheet is drawn, null: none; `stale`: it may be old; `away`: what it
   *  needs could not be loaded. */
  draw(facts, { view, stale, away }) {
    const inFlow = view !== null;
    const tile = facts.tile(facts.focus);
    const state = tile ? shownState(facts, tile) : 'vacant';
    const visit = tile !== null && tile.occupant !== null && !['vacant', 'offline'].includes(state);
    setAttribute(this.#node, 'aria-label', t('sheet.label'));
    setText(this.#title, tile ? who(tile) : t('focus.none'));
    setText(this.#hint, tile ? headLine(facts, tile) : '');
    setText(this.#language, visit ? ` · ${t('sheet.head.language', { language: t(`language.${tile.language}`) })}` : '');
    this.#mark.hidden = !tile;
    setAttribute(this.#mark, 'data-state', state);
    setIcon(this.#markIcon, STATE_ICONS[state]);
    setText(this.#markWord, t(`state.${state}`));
    this.#end.node.hidden = !visit;
    this.#end.draw({ icon: 'door', word: t('end'), key: 'E' });
    this.#head.hidden = inFlow;
    this.#flow.head.hidden = this.#flow.body.hidden = !inFlow;
    this.#away.hidden = !visit || !away;
    setText(this.#awayWord, t('sheet.away'));
    this.#body.hidden = !visit || inFlow;
    this.#calm.hidden = visit || inFlow;
    for (const [node, key] of this.#sections) setText(node, t(key));
    if (visit) this.#drawFacts(facts, tile);
    else this.#drawCalm(facts, tile, state);
    this.text.draw(visit ? tile : null, inFlow);
    this.#deaf.hidden ||= !visit;
    this.#flow.foot.hidden = !inFlow || !this.text.foot.hidden;
    // Known or not, what was told last can be read; only nothing can be changed meanwhile.
    this.#node.inert = !facts.known || stale;
  }

  #column(titleKey, names) {
    const title = el('h3', { class: 'sheet__sec' });
    this.#sections.push([title, titleKey]);
    const rows = names.map((name) => {
      const row = { key: el('dt'), value: el('dd', { class: 'num' }), icon: iconHolder() };
      row.node = el('div', { class: 'row', 'data-row': name }, row.key, row.value, row.icon);
      this.#rows.set(name, row);
      return row.node;
    });
    return el('section', { class: 'sheet__col' }, title, el('dl', { class: 'rows' }, ...rows));
  }

  #drawFacts(facts, tile) {
    const onAir = facts.known && facts.desk.on_air === tile.slot;
    this.#deaf.hidden = !tile.cannot_hear || onAir; // on air the place to write says it
    setText(this.#deafWord, t('sheet.deaf'));
    const ago = (ms) => t('ago', { time: clock(ms) });
    const never = tile.last_talk_ms === null && tile.state !== 'on_air';
    this.#row('started', tile.visit_ms === null ? '' : ago(facts.age(tile.visit_ms)));
    this.#row('consent', t(tile.consented ? 'sheet.consent.yes' : 'sheet.consent.asked'), tile.consented ? 'check' : 'wait', tile.consented ? 'good' : null);
    this.#row('talk', onAir ? t('sheet.talk.now') : never ? t('sheet.talk.never') : ago(lastTalk(facts, tile)), onAir ? 'ear' : null);
    this.#row('language', t(`language.${tile.language}`));
    for (const device of ['camera', 'microphone']) this.#device(device, tile[device]);
    const link = facts.known ? tile.link : 0;
    const poor = !tile.media || link < 2;
    this.#row('link', t(tile.media && facts.known ? `link.${LINK_WORDS[link]}` : 'link.none'), poor ? 'alert' : 'check', poor ? 'bad' : 'good');
    this.#row('place', tile.name || t('booth.n', { n: tile.slot }));
  }

  #device(name, state) {
    const good = state === 'ok';
    const sign = state === 'off' ? null : good ? 'check' : 'alert';
    this.#row(name, t(`device.${state}`), sign, good ? 'good' : 'bad');
  }

  #row(name, value, sign = null, tone = null) {
    const row = this.#rows.get(name);
    setText(row.key, t(`sheet.${name}`));
    setText(row.value, value);
    setIcon(row.icon, sign);
    setAttribute(row.node, 'data-tone', sign ? tone : null);
  }

  #drawCalm(facts, tile, state) {
    setIcon(this.#calmIcon, { offline: 'unplug', empty: 'person', announce: 'person', wrap_up: 'check' }[state] ?? 'empty');
    const left = tile?.state === 'empty' && facts.left.has(tile.slot);
    if (left) setIcon(this.#calmIcon, facts.left.get(tile.slot) ? 'check' : 'door');
    const words = left ? (facts.left.get(tile.slot) ? 'left.decided' : 'left') : tile ? (state === 'announce' ? 'empty' : state) : 'vacant';
    setText(this.#calmTitle, t(`calm.${words}`));
    setText(this.#calmText, t(`calm.${words}.means`));
  }
}

function headLine(facts, tile) {
  const state = shownState(facts, tile);
  if (state === 'vacant') return t('sheet.head.vacant');
  if (state === 'lost') return t('tile.lost.means');
  const call = facts.age(tile.call_ms);
  if (call !== null && state === 'calling') return t('sheet.head.calling', { time: clock(call) });
  return t('sheet.head', { state: t(`since.${state}`), time: clock(facts.age(tile.state_ms) ?? 0) });
}
