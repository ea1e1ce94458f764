// A picture to take: the camera with an outline of what belongs there, and what the checks said.

import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { button, el } from '../element.js';
import { checked, complaint, heading, say, stack, tOr } from './pieces.js';

// Which advice speaks against which line, for each subject; the first that is found names it.
const LINES = {
  card: [
    ['whole', ['no_card', 'card_cut', 'too_small']],
    ['sharp', ['blurred']],
    ['light', ['glare', 'too_dark', 'too_bright']],
  ],
  face: [
    ['face', ['no_face', 'several_faces', 'small_face', 'too_small']],
    ['sharp', ['blurred']],
    ['light', ['too_dark', 'too_bright', 'glare']],
  ],
  document: [
    ['paper', ['too_small', 'card_cut', 'no_card']],
    ['sharp', ['blurred']],
    ['light', ['glare', 'too_dark', 'too_bright']],
  ],
};
const CORNERS = {
  card: [27, 12, 106, 66, 5],
  document: [52, 5, 56, 80, 2],
  table: [8, 5, 144, 80, 2],
};

/** The whole screen. */
export function captureScreen(given) {
  return el('div', { class: 'split split--view' }, view(given), stack('stack--mid', ...side(given)));
}

/** The same beside the officer, who is talking and has asked for it. */
export function captureBeside(given) {
  return stack('stack--s beside', view(given), ...side(given));
}

function view({ claim, studio, parts, sight }) {
  const { camera, works } = sight.capturing;
  const table = camera === 'document';
  const subject = table ? 'table' : claim.capture.subject;
  const frame = el('div', { class: `view shot shot--${subject} is-live`, 'data-phase': studio.phase });
  if (studio.preview) {
    frame.append(el('img', { class: 'pic', src: studio.preview, alt: t('capture.taken') }));
  } else if (works) {
    frame.append(table ? parts.paper : parts.self);
    if (studio.phase !== 'failed') frame.append(outline(subject));
  } else {
    frame.append(el('p', { class: 'view__word' }, icon(table ? 'cam' : 'camoff'), t(table ? 'capture.opening' : 'notice.camera')));
  }
  if (studio.phase === 'count') {
    frame.append(el('b', { class: 'shot__count num', role: 'alert' }, String(studio.left)));
  }
  return frame;
}

function outline(subject) {
  const holder = el('span', { class: 'shot__outline' });
  let path = '';
  if (subject === 'face') {
    path = '<ellipse cx="80" cy="41" rx="21" ry="28"/><path d="M38 90c4-16 18-20 42-20s38 4 42 20"/>';
  } else {
    const [x, y, w, h, r] = CORNERS[subject];
    const arm = 9;
    const corner = (cx, cy, sx, sy) =>
      `<path d="M${cx} ${cy + sy * arm}v${-sy * (arm - r)}q0 ${-sy * r} ${sx * r} ${-sy * r}h${sx * (arm - r)}"/>`;
    path = corner(x, y, 1, 1) + corner(x + w, y, -1, 1) + corner(x, y + h, 1, -1) + corner(x + w, y + h, -1, -1);
  }
  holder.innerHTML = `<svg viewBox="0 0 160 90" aria-hidden="true" focusable="false">${path}</svg>`;
  return holder;
}

function side(given) {
  const { claim, studio } = given;
  const { capture } = claim;
  return [
    stack(
      'stack--s',
      claim.work.asked ? el('p', { class: 'form__step' }, t('capture.asked')) : stepOf(claim),
      heading(say(capture.label)),
    ),
    ...PHASES[studio.phase](given, capture),
  ];
}

function stepOf(claim) {
  return claim.step ? el('p', { class: 'form__step' }, say(claim.step.title)) : null;
}

/** What to do, by the camera that takes it. */
function howTo({ camera, fell }, capture) {
  const hint = capture.hint ? say(capture.hint) : null;
  const words = camera === 'document' ? [t('capture.table.how'), hint].filter(Boolean).join(' ')
    : fell ? t('capture.fell.how')
      : hint ?? t(`capture.${capture.subject}.how`);
  const lead = el('p', { class: 'lead' }, words);
  return fell === 'broken' ? [complaint(t('capture.no_document'), t('capture.no_document.do'), { 'data-problem': 'no_document' }), lead] : [lead];
}

const PHASES = {
  aim: (given, capture) => [
    ...howTo(given.sight.capturing, capture),
    ...presses(given, capture, 'capture.take'),
  ],

  count: (_, capture) => [el('p', { class: 'lead', role: 'status' }, t(`capture.${capture.subject}.count`))],

  sending: ({ studio }) => {
    const bar = el('progress', { class: 'bar', max: 1, value: studio.share, 'aria-label': t('capture.sending') });
    studio.onshare = (share) => { bar.value = share; };
    return [el('p', { class: 'lead', role: 'status' }, t('capture.sending')), bar];
  },

  good: (_, capture) => [
    el('p', { class: 'praise', role: 'status' }, icon('check'), el('span', {}, t('capture.good'))),
    lines(capture, []),
  ],

  enough: ({ studio }, capture) => [
    el('p', { class: 'praise', role: 'status' }, icon('check'), el('span', {}, t('capture.enough'))),
    lines(capture, studio.advice),
  ],

  poor: (given, capture) => {
    const { advice } = given.studio;
    return [
      complaint(t(`advice.${advice[0]}`), t(`advice.${advice[0]}.do`), { 'data-problem': advice[0] }),
      lines(capture, advice),
      ...presses(given, capture, 'capture.again'),
    ];
  },

  failed: (given, capture) => {
    const { code } = given.studio;
    const words = tOr(`capture.${code}`, 'capture.not_taken');
    return [
      complaint(words, tOr(`capture.${code}.do`, 'capture.not_taken.do'), { 'data-problem': code }),
      ...presses(given, capture, 'capture.again'),
    ];
  },
};

function lines(capture, advice) {
  const list = el('ul', { class: 'checks' });
  for (const [line, against] of LINES[capture.subject]) {
    const found = against.find((each) => advice.includes(each));
    list.append(checked(!found, t(found ? `advice.${found}.line` : `capture.line.${line}`)));
  }
  return list;
}

/** The main button. After a poor picture it shows the live one first: who holds a card must see it
 *  to hold it better. */
function presses({ claim, studio, sight, act }, capture, words) {
  const { works } = sight.capturing;
  const press = () => {
    // By another camera than before: it is shown first.
    if (studio.preview || studio.code === 'no_document') studio.again();
    else act.takePicture();
  };
  const main = button(t(words), 'shot', 'btn--main btn--wide shot__take', press, {
    'aria-disabled': works ? null : 'true',
  });
  const may = !capture.required && !claim.task?.asked && studio.phase === 'aim';
  const others = [
    claim.canGoBack && !studio.holds ? button(t('back'), 'left', '', () => { studio.leave(); claim.back(); }) : null,
    studio.holds ? button(t('capture.go_on'), 'right', '', () => studio.goOn()) : null,
    may ? button(t('capture.skip'), 'right', '', () => claim.skip(capture.name)) : null,
  ].filter(Boolean);
  return [main, ...(others.length ? [el('div', { class: 'acts' }, ...others)] : [])];
}
