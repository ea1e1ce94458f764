// The visitor's signature: strokes of a finger, a pen or a mouse.

import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { complaint, heading, lead, say, setReady, stack, tOr } from './pieces.js';

const WIDTH = 1600;
const HEIGHT = 600;
const LEAST_STEP = 4; // of WIDTH: nearer points say nothing new
const MOST_STROKES = 200;
const MOST_POINTS = 1500; // of one stroke: a pair of numbers each

export function signatureScreen({ claim }) {
  const { strokes } = claim;
  const canvas = el('canvas', { class: 'ink', width: WIDTH, height: HEIGHT, role: 'img' });
  const pen = canvas.getContext('2d');
  const wipe = button(t('sign.wipe'), 'erase', '', () => {
    strokes.length = 0;
    redraw();
  });
  const done = button(t('sign.done'), 'check', 'btn--main', () => {
    if (strokes.length) claim.sign(WIDTH, HEIGHT);
  });

  const settle = () => {
    setReady(done, strokes.length > 0 && !claim.busy);
    setReady(wipe, strokes.length > 0);
    canvas.setAttribute('aria-label', t(strokes.length ? 'sign.there' : 'sign.empty'));
  };
  const redraw = () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 7;
    pen.lineCap = pen.lineJoin = 'round';
    pen.strokeStyle = getComputedStyle(canvas).color;
    for (const [x, y, ...rest] of strokes) {
      pen.beginPath();
      pen.moveTo(x, y);
      if (rest.length === 0) pen.lineTo(x, y);
      for (let i = 0; i < rest.length; i += 2) pen.lineTo(rest[i], rest[i + 1]);
      pen.stroke();
    }
    settle();
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const along = (at, from, length, whole) =>
      Math.round(Math.min(1, Math.max(0, (at - from) / length)) * whole);
    return [along(event.clientX, box.left, box.width, WIDTH), along(event.clientY, box.top, box.height, HEIGHT)];
  };
  let drawing = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (drawing || claim.busy || strokes.length >= MOST_STROKES) return;
    canvas.setPointerCapture(event.pointerId);
    drawing = { pointer: event.pointerId, points: place(event) };
    strokes.push(drawing.points);
    redraw();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drawing?.pointer) return;
    const { points } = drawing;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = place(each);
      const far = Math.hypot(x - points.at(-2), y - points.at(-1)) >= LEAST_STEP;
      if (far && points.length < MOST_POINTS * 2) points.push(x, y);
    }
    redraw();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { drawing = null; });

  const screen = el(
    'div',
    { class: 'form form--sign' },
    el(
      'div',
      { class: 'form__above' },
      stack('stack--s', el('p', { class: 'form__step' }, say(claim.task.wanted.title)), heading(t('sign.title')), lead('sign.lead')),
      el('div', { class: 'form__moves' }, claim.canGoBack ? button(t('back'), 'left', '', () => claim.back()) : null, wipe, done),
    ),
    claim.problem ? complaint(tOr(`problem.${claim.problem.code}`, 'problem.other'), t('problem.other.do')) : null,
    el('div', { class: 'ink__field' }, canvas),
  );
  requestAnimationFrame(redraw); // its colour is known once it is on the page
  settle();
  return screen;
}
