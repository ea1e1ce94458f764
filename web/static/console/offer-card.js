// The card of a visit that a colleague offers, and the line that says what became of our own offer.
// It has a row of its own between who is next and the work: it covers nothing.

import { button, el } from '../element.js';
import { icon } from '../icons.js';
import { language, t } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { refusalWords } from './visit-state.js';

const SETTLED_MS = 700; // a key that was on its way when the card changed answers nothing

export class OfferCard {
  #node;
  #act;
  #shown = null; // the offer on the card, and since when
  #since = 0;
  #asked = null;
  #icon = iconHolder();
  #title = el('b');
  #what = el('span');
  #reason = el('p', { class: 'offer__why' });
  #time = el('span', { class: 'num' });
  #more = el('span', { class: 'offer__more' });
  #decline;
  #accept;
  #close;

  /** `act` {answer(offer, accepted), forget()}. */
  constructor(node, act) {
    this.#node = node;
    this.#act = act;
    this.#decline = keyButton('', () => this.#answer(false));
    this.#accept = keyButton('btn--main', () => this.#answer(true));
    this.#decline.node.dataset.name = 'decline-offer';
    this.#accept.node.dataset.name = 'accept-offer';
    this.#close = button('', 'cross', 'btn--quiet', () => act.forget());
    node.replaceChildren(this.#icon,
      el('div', { class: 'offer__say', role: 'status' }, el('p', { class: 'offer__who' }, this.#title, this.#what), this.#reason),
      this.#more, this.#time, this.#decline.node, this.#accept.node, this.#close);
  }

  draw(facts, handOvers) {
    const offer = facts.known ? handOvers.offers[0] ?? null : null;
    if (offer?.offer !== this.#shown?.offer) {
      this.#shown = offer;
      this.#since = performance.now();
      this.#asked = null;
    }
    const said = offer ? null : handOvers.said;
    const refusal = offer ? null : handOvers.refusal;
    this.#node.hidden = !offer && !said && !refusal;
    if (this.#node.hidden) {
      setAttribute(this.#node, 'data-kind', null);
      for (const text of [this.#title, this.#what, this.#reason]) setText(text, '');
      return;
    }
    setAttribute(this.#node, 'aria-label', t('offer.label'));
    setAttribute(this.#node, 'data-kind', offer ? 'offer' : refusal ? 'refused' : said.how);
    for (const part of [this.#decline.node, this.#accept.node, this.#time, this.#reason]) part.hidden = !offer;
    this.#close.hidden = Boolean(offer);
    this.#more.hidden = !offer || handOvers.offers.length < 2;
    if (offer) this.#drawOffer(offer, handOvers.offers.length);
    else if (refusal) this.#drawLine('alert', '', refusalWords(refusal.code));
    else this.#drawLine(said.how === 'accepted' ? 'check' : 'info', `${t('booth.n', { n: said.slot })}${said.visitor ? ` · ${said.visitor}` : ''}: `, t(`offer.ended.${said.how}`, { officer: said.officer }));
    setAttribute(this.#close, 'aria-label', t('close'));
  }

  #drawOffer(offer, count) {
    const id = language() === 'id';
    setIcon(this.#icon, 'swap');
    setText(this.#title, t('offer.title', { officer: offer.officer }));
    setText(this.#what, [offer.booth, offer.visitor, id ? offer.service_id : offer.service_en, id ? offer.step_id : offer.step_en].filter(Boolean).join(' · '));
    setText(this.#reason, t('offer.reason', { reason: offer.reason }));
    setText(this.#time, clock(Math.max(0, offer.left_ms - (performance.now() - offer.at))));
    setText(this.#more, t('offer.more', { n: count - 1 }));
    this.#decline.draw({ icon: 'cross', word: t('offer.decline'), key: 'Q', off: this.#asked !== null });
    this.#accept.draw({ icon: 'check', word: t('offer.accept'), key: 'Y', off: this.#asked !== null });
  }

  #drawLine(iconName, bold, words) {
    setIcon(this.#icon, iconName);
    setText(this.#title, bold);
    setText(this.#what, words);
  }

  /** The keys: for the offer that is read, not for one that has just come. */
  press(accepted) {
    if (this.#shown && performance.now() - this.#since > SETTLED_MS) this.#answer(accepted);
  }

  #answer(accepted) {
    if (!this.#shown || this.#asked === this.#shown.offer) return;
    this.#asked = this.#shown.offer;
    this.#act.answer(this.#shown, accepted);
  }
}
