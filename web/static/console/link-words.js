// What the numbers of a link mean, in words. `details` is the server's message `link_details`.

import { language, t } from '../i18n.js';

const LOSS_HEARD = 0.05; // as the link sign's third bar
const DELAY_FELT_MS = 400;
const QUEUE_TOLD_MS = 30;
const CONCEALED_TOLD = 0.01;

/** {tone, text}: the one sentence that matters most; tone is good, bad or null. */
export function verdict({ slot, link, shown }) {
  const whose = slot === null ? 'own' : 'booth';
  const bad = (key) => ({ tone: 'bad', text: t(`link.says.${key}`) });
  if (!link) return { tone: null, text: t('link.says.none') };
  if (link.quality === 0) return bad(`${whose}.silent`);
  if (shown?.paused === 'no_room') return bad('no_room');
  if (Math.max(link.loss_up, link.loss_down) > LOSS_HEARD) return bad(`${whose}.loss`);
  if (link.round_trip_ms > DELAY_FELT_MS) return bad(`${whose}.delay`);
  const { sent } = link;
  if (sent && sent.step !== 'full') return bad(`${whose}.${sent.step === 'slower' ? 'slower' : 'smaller'}`);
  if (sent?.limitation === 'cpu') return bad(`${whose}.cpu`);
  if (sent?.limitation === 'bandwidth') return { tone: null, text: t(`link.says.${whose}.bandwidth`) };
  return { tone: 'good', text: t('link.says.good') };
}

/** [{name, value, bad}]; `name` is the key `link.row.<name>`. `figures` {width, height, fps}: of the
 *  picture as it is shown here, null when there is none. */
export function rows(details, figures) {
  const { slot, link } = details;
  if (!link) return [];
  const own = slot === null;
  const list = [
    row('delay', delay(link), link.round_trip_ms > DELAY_FELT_MS),
    row('loss', t(own ? 'link.loss.own' : 'link.loss', { up: percent(link.loss_up), down: percent(link.loss_down) }),
      Math.max(link.loss_up, link.loss_down) > LOSS_HEARD),
  ];
  if (!own) list.push(row('picture', picture(details, figures), details.shown?.paused === 'no_room'));
  list.push(row('rate', t(own ? 'link.rate.own' : 'link.rate', { up: number(link.received_kbps), down: number(link.sent_kbps) })));
  if (link.estimate_kbps !== null) list.push(row('room', room(link, own), link.queue_ms > 4 * QUEUE_TOLD_MS));
  if (link.report_ms !== null) {
    list.push(row('camera', camera(link)), row('computer', ...computer(link.sent)), row(own ? 'here' : 'there', ...played(link.received)));
    if (link.received.transport === 'tcp') list.push(row('way', t('link.tcp')));
  }
  return list;
}

function row(name, value, bad = false) {
  return { name, value, bad };
}

function delay({ round_trip_ms, jitter_ms }) {
  if (round_trip_ms === null) return t('link.unknown');
  const trip = t('link.ms', { n: number(round_trip_ms) });
  return jitter_ms === null ? trip : t('link.varies', { trip, jitter: t('link.ms', { n: number(jitter_ms, 0) }) });
}

function picture({ shown, link }, figures) {
  if (shown?.paused === 'no_room') return t('link.paused');
  if (!figures) return t('focus.no_picture');
  const largest = link.publishes.filter(({ alive }) => alive).length > 1 && shown?.rid;
  const size = t('link.size', { width: figures.width, height: figures.height, fps: figures.fps });
  return largest ? t('link.layer', { size, layer: t(`link.layer.${shown.rid}`) }) : size;
}

function room({ estimate_kbps, queue_ms }, own) {
  const kbps = t(own ? 'link.room.own' : 'link.room', { n: number(estimate_kbps) });
  return queue_ms > QUEUE_TOLD_MS ? t('link.queue', { kbps, ms: number(queue_ms) }) : kbps;
}

function camera({ sent }) {
  if (!sent || !sent.layers.length) return t('device.off');
  const { width, height, fps } = sent.layers.at(-1);
  const size = t('link.size', { width, height, fps: Math.round(fps) });
  return sent.layers.length === 1 ? size : t('link.sizes', { size, n: sent.layers.length });
}

function computer(sent) {
  if (!sent) return [t('link.idle')];
  const time = sent.encode_ms === null ? '' : t('link.encode', { n: number(sent.encode_ms, 0) });
  if (sent.step !== 'full') return [t('link.slow', { what: t(`link.step.${sent.step}`) }), true];
  return sent.limitation === 'cpu' ? [t('link.busy', { time }), true] : [time];
}

function played({ freezes, freeze_ms, concealed }) {
  const frozen = freezes === 0 ? t('link.smooth') : t('link.freezes', { n: number(freezes), s: number(freeze_ms / 1000, 1) });
  if (concealed === null || concealed < CONCEALED_TOLD) return [frozen];
  return [t('link.concealed', { frozen, share: percent(concealed) }), true];
}

function number(value, digits = 0) {
  if (value === null) return '–';
  return value.toLocaleString(language(), { maximumFractionDigits: digits });
}

function percent(share) {
  const digits = share > 0 && share < 0.01 ? 1 : 0;
  return share.toLocaleString(language(), { style: 'percent', maximumFractionDigits: digits });
}
