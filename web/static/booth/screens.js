// The visitor's screens, each one thing. Each takes what `Stage.draw` is given, with {act, parts}, and
// gives a node.

import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { captureBeside, captureScreen } from './capture.js';
import { formScreen } from './form.js';
import { enrolScreen } from './keypad.js';
import { overviewScreen } from './overview.js';
import { acts, centre, checked, h1, heading, hint, item, lead, say, sign, stack } from './pieces.js';
import { resultScreen } from './result.js';
import { signatureScreen } from './signature.js';
import { servicesScreen, ticketScreen } from './starting.js';
import { turn } from './turn.js';

/** What is wrong with camera, microphone or link, in words that help. */
function notice({ sight }) {
  if (!sight.notice) return null;
  const mild = sight.notice === 'media' || sight.notice === 'sound';
  const title = el('b', {}, t(`notice.${sight.notice}`));
  return el(
    'p',
    { class: mild ? 'err err--mild' : 'err', role: 'alert', 'data-notice': sight.notice },
    icon(sight.notice === 'sound' ? 'sound' : 'alert'),
    el('span', {}, title, t(`notice.${sight.notice}.do`)),
  );
}

/** The visitor's own picture; none while the camera gives none. */
function self({ sight, parts }) {
  const works = sight.camera === 'used' || sight.camera === 'live';
  if (!works) return null;
  return el('div', { class: 'self' }, parts.self, el('span', {}, t('you')));
}

/** What of the visit is done, once there is something; else what to do meanwhile. */
function beside(given) {
  const { claim } = given;
  const { flow, told } = claim;
  const finished = flow?.steps.filter(({ name }) => told.finished.includes(name)) ?? [];
  if (finished.length === 0) return meanwhile(given);
  return el(
    'div',
    { class: 'panel stack' },
    el('h2', {}, t('waiting.done')),
    el(
      'ul',
      { class: 'checks' },
      checked(true, t('waiting.consent')),
      ...finished.map((step) => checked(true, say(step.title))),
    ),
    hint('waiting.papers'),
  );
}

function meanwhile(given) {
  const picture = self(given);
  return el(
    'div',
    { class: 'panel stack' },
    picture ?? el('h2', {}, t('meanwhile')),
    el(
      'ul',
      { class: 'list' },
      item('card', 'meanwhile.papers'),
      item('bell', 'meanwhile.call'),
      picture ? null : item('person', 'meanwhile.stay'),
    ),
  );
}

function alone(given, key, name) {
  const { sight } = given;
  if (sight.away) return onBreak(given, key, name);
  const away = sight.officer === null ? '.away' : sight.colleague ? '.colleague' : '';
  const place = turn(given);
  // With his place to show, the screen has no room for what says nothing new.
  const calm = place !== null && key === 'waiting' && !away;
  const main = stack(
    '',
    place ? null : sign(name, 'sign--hold'),
    h1(`${key}.title${away}`, { officer: sight.officer }),
    calm ? null : lead(`${key}.lead${away}`),
    place,
    notice(given),
  );
  return el('div', { class: 'split split--even' }, main, beside(given));
}

/** The officer is on a break: until when, and that nothing is lost. */
function onBreak(given, key, name) {
  const { back } = given.sight.away;
  return el(
    'div',
    { class: 'split split--even' },
    stack('', sign(name, 'sign--hold'),
      el('h1', { tabindex: '-1' }, back === null ? t('break.title') : t('break.title.back', { time: back })),
      lead(`break.lead.${key}`), notice(given)),
    beside(given),
  );
}

function talking(given, side) {
  const { parts } = given;
  return el(
    'div',
    { class: 'talk' },
    parts.officer,
    stack('talk__side', self(given), stack('stack--s', ...side, notice(given))),
  );
}

export const SCREENS = {
  enrol: ({ act }) => enrolScreen(act),

  connecting: () => centre(sign('again', 'breathes'), h1('connecting.title'), lead('connecting.lead')),

  reconnect: () => centre(sign('again', 'breathes'), h1('reconnect.title'), lead('reconnect.lead')),

  elsewhere: ({ act }) =>
    centre(
      sign('swap'),
      h1('elsewhere.title'),
      lead('elsewhere.lead'),
      button(t('elsewhere.here'), 'touch', 'btn--main', act.useHere),
    ),

  out: () => centre(sign('power'), h1('out.title'), lead('out.lead')),

  closed: () => centre(sign('door'), h1('closed.title'), lead('closed.lead')),

  idle: ({ act }) =>
    el(
      'div',
      { class: 'split', onclick: act.start },
      stack(
        'idle',
        h1('idle.title'),
        lead('idle.lead'),
        acts(button(t('idle.start'), 'touch', 'btn--main btn--huge', null)),
      ),
      el(
        'div',
        { class: 'panel stack' },
        el('h2', {}, t('ready')),
        el(
          'ul',
          { class: 'list' },
          item('ticket', 'ready.ticket', 'ready.ticket.where'),
          item('card', 'ready.card', 'ready.card.kind'),
          item('doc', 'ready.papers', 'ready.papers.kind'),
        ),
      ),
    ),

  services: servicesScreen,
  ticket: ticketScreen,

  consent: ({ sight, act, reading }) =>
    el(
      'div',
      { class: 'split' },
      stack(
        '',
        h1('consent.title'),
        lead(sight.again ? 'consent.again' : 'consent.lead'),
        acts(
          button(t('consent.agree'), 'check', 'btn--main', act.agree),
          button(t('consent.decline'), null, '', act.decline),
        ),
        acts(
          button(t(reading ? 'consent.quiet' : 'consent.read'), 'sound', '', act.readAloud, {
            'aria-pressed': String(reading),
          }),
        ),
      ),
      el(
        'div',
        { class: 'panel' },
        el(
          'ul',
          { class: 'list' },
          item('cam', 'consent.seen'),
          item('ear', 'consent.heard'),
          item('mic', 'consent.level'),
          item('lock', 'consent.others'),
          item('shot', 'consent.photos'),
          item('door', 'consent.stop'),
        ),
      ),
    ),

  waiting: (given) => alone(given, 'waiting', 'wait'),

  hold: (given) => alone(given, 'hold', 'pause'),

  form: formScreen,
  capture: captureScreen,
  signature: signatureScreen,
  overview: overviewScreen,
  result: resultScreen,

  // Any touch brings back what was there (see `Quiet`).
  still: () =>
    centre(
      sign('person'),
      h1('still.title'),
      lead('still.lead'),
      button(t('still.yes'), 'check', 'btn--main btn--huge', null),
    ),

  onair: (given) => {
    if (given.sight.shows) {
      const beside = given.sight.work.kind === 'signature' ? signatureScreen(given) : captureBeside(given);
      return el('div', { class: 'split split--view split--even' }, given.parts.officer, beside);
    }
    const { attended } = given.claim;
    const title = attended ? say(attended.title) : t('onair.title');
    return talking(given, [heading(title, 'h2'), hint('onair.hint')]);
  },

  announce: (given) =>
    talking(given, [
      el('h2', { tabindex: '-1' }, t('announce.title')),
      hint(given.sight.running ? 'announce.hint' : 'announce.hint.idle'),
    ]),

  message: (given) => {
    const { sight, act, parts } = given;
    const panel = el(
      'div',
      { class: 'panel stack stack--mid message' },
      el('p', { class: 'message__from', tabindex: '-1' }, icon('msg'), el('span', {}, t('message.from'))),
      el('p', { class: 'speech', 'data-long': sight.text.text.length > 90 }, sight.text.text),
      notice(given),
      button(t('message.read'), 'check', 'btn--main btn--wide', () => act.readText(sight.text.number)),
    );
    if (!sight.hears) return el('div', { class: 'split split--one' }, panel);
    return el('div', { class: 'split split--view split--even' }, parts.officer, panel);
  },

  goodbye: ({ act, goodbye }) => {
    const seconds = el('p', { class: 'hint num' });
    const count = () => {
      const left = Math.max(0, Math.ceil((goodbye.until - performance.now()) / 1000));
      seconds.textContent = t(`goodbye.${goodbye.kind}.wiped`, { seconds: left });
    };
    count();
    const clock = setInterval(() => (seconds.isConnected ? count() : clearInterval(clock)), 250);
    return centre(
      sign(goodbye.kind === 'ended' ? 'check' : 'door', goodbye.kind === 'ended' ? 'sign--ok' : ''),
      h1(`goodbye.${goodbye.kind}.title`),
      lead(`goodbye.${goodbye.kind}.lead`),
      seconds,
      button(t('goodbye.back'), 'left', '', act.toStart),
    );
  },

  menu: ({ sight, act }) =>
    stack(
      'stack--mid help',
      h1('help.title'),
      el(
        'div',
        { class: 'four' },
        sight.call === 'call' || sight.call === 'called'
          ? button(t('help.call'), 'bell', '', () => act.call(true))
          : null,
        button(t('help.cannot'), 'msg', '', () => act.cannotHear(true)),
        button(t('help.stop'), 'door', '', () => act.help('stop')),
        el('p', { class: 'four__tip' }, icon('person'), el('span', {}, t('help.guard'))),
      ),
      acts(button(t('back'), 'left', '', () => act.help(null))),
    ),

  stop: ({ act }) =>
    centre(
      sign('door'),
      h1('stop.title'),
      lead('stop.lead'),
      acts(
        button(t('stop.no'), 'left', 'btn--main', () => act.help(null)),
        button(t('stop.yes'), 'door', '', act.stop),
      ),
    ),
};
