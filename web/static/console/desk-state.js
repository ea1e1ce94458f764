// What this console knows: the server's last word on the desk, and what was asked since.

const REFUSAL_SHOWN_MS = 6000;

/** Event `change`: draw again. Nothing in here is a promise; `desk` alone says who hears whom. */
export class DeskState extends EventTarget {
  link = 'connecting'; // connecting, up, down
  attempt = 0;
  lostAt = null;
  welcome = null;
  desk = null; // the last `desk` message of this connection
  asked = null; // {kind: 'talk' | 'announce' | 'hold', slot?}: sent, not yet acknowledged
  refusal = null; // {kind, slot, code, until}
  focus = null;
  mediaUp = false;
  microphone = 'off'; // our own, in the words of the message `devices`
  silent = false; // on air, and our microphone gives nothing at all
  soundBlocked = false; // the browser wants a key or a click before it plays sound
  otherMicrophone = null; // the label of a microphone that replaced the one before
  queue = null; // of the branches of our booths, as told last: {branches, next, called, at}
  day = null; // the officer's own, as the server told it last
  tally = null; // of the day, as it was added up last
  left = new Map(); // slot -> decided: whose visit ended there, until somebody else sits down
  #toldAt = 0;
  #dayToldAt = 0;

  /** Milliseconds by the server's figure, gone on since it was told; null stays null. */
  age(ms) {
    return ms === null || ms === undefined ? null : ms + (performance.now() - this.#toldAt);
  }

  /** Milliseconds since the server last told the desk. */
  get sinceTold() {
    return performance.now() - this.#toldAt;
  }

  /** The same of what `day` told. */
  dayAge(ms) {
    return ms + (performance.now() - this.#dayToldAt);
  }

  /** Milliseconds until then, fewer as time goes on; null stays null. */
  dayLeft(ms) {
    return ms === null ? null : ms - (performance.now() - this.#dayToldAt);
  }

  toldDay(day) {
    this.#dayToldAt = performance.now();
    this.set({ day, refusal: null }); // what was refused before may be different now
  }

  tile(slot) {
    return this.desk?.tiles.find((tile) => tile.slot === slot) ?? null;
  }

  /** Tiles at which somebody is, the absent of a booth that lost its connection too. */
  get occupied() {
    return this.desk?.tiles.filter((tile) => tile.occupant !== null) ?? [];
  }

  /** True while the server's word is fresh: its connection stands. */
  get known() {
    return this.link === 'up' && this.desk !== null;
  }

  welcomed(welcome) {
    this.link = 'up';
    this.welcome = welcome;
    this.desk = null;
    this.queue = null;
    this.attempt = 0;
    this.lostAt = null;
    this.changed();
  }

  toldQueue(queue) {
    this.queue = { ...queue, at: performance.now() };
    this.changed();
  }

  /** The ticket of who was called to this booth; null: nobody is awaited there. */
  calledTo(slot) {
    return this.queue?.called.find((each) => each.slot === slot)?.code ?? null;
  }

  /** The ticket that comes first in the queue of this booth's branch; null: nobody waits there. */
  firstFor(slot) {
    const branch = this.tile(slot)?.branch;
    return this.queue?.branches.find((each) => each.branch === branch)?.next ?? null;
  }

  /** Booths of more than one branch are at this desk. */
  get severalBranches() {
    const there = this.desk?.tiles.filter((tile) => tile.state !== 'vacant') ?? [];
    return new Set(there.map((tile) => tile.branch)).size > 1;
  }

  told(desk) {
    this.#seeWhoLeft(desk);
    this.#seeWhoMoved(desk);
    this.desk = desk;
    this.#toldAt = performance.now();
    this.focus ??= desk.focus ?? firstFocus(desk);
    this.changed();
  }

  /** What changes by itself of the desk; its figures go on from when the desk was told. */
  toldLinks({ links, paused, next }) {
    if (!this.desk) return;
    const tiles = this.desk.tiles.map((tile, place) => ({ ...tile, link: links[place], paused: paused[place] }));
    const since = this.sinceTold;
    this.desk = { ...this.desk, tiles, next: next.map((line) => ({ ...line, ms: line.ms - since })) };
    this.changed();
  }

  /** Another booth is in the focused place, or none: who was looked at has gone to a colleague. */
  #seeWhoMoved(desk) {
    const before = this.tile(this.focus);
    const now = desk.tiles.find((tile) => tile.slot === this.focus);
    if (before && now && desk.focus !== this.focus && (before.name !== now.name || before.occupant !== now.occupant)) this.focus = null;
  }

  #seeWhoLeft(desk) {
    for (const tile of desk.tiles) {
      const before = this.tile(tile.slot);
      if (tile.occupant !== null) this.left.delete(tile.slot);
      else if (before?.progress) this.left.set(tile.slot, before.progress.working === 'decided');
    }
  }

  /** The connection is gone: nothing that was said holds any longer. */
  lost() {
    if (this.link === 'up') this.lostAt = performance.now();
    this.link = 'down';
    this.asked = null;
    this.refusal = null;
    this.changed();
  }

  retrying(attempt) {
    this.attempt = attempt;
    if (attempt > 1 && this.link === 'connecting') {
      this.link = 'down';
      this.lostAt = performance.now();
    }
    this.changed();
  }

  ask(asked) {
    this.asked = asked;
    this.refusal = null;
    this.changed();
  }

  /** `asked` was answered; a later question stays open. */
  settled(asked) {
    if (this.asked !== asked) return;
    this.asked = null;
    this.changed();
  }

  refused(kind, slot, code) {
    this.refusal = { kind, slot, code, until: performance.now() + REFUSAL_SHOWN_MS };
    this.changed();
  }

  /** Time passes: sentences that have stood long enough go. */
  tick() {
    if (this.refusal && performance.now() > this.refusal.until) this.refusal = null;
    this.changed();
  }

  set(facts) {
    Object.assign(this, facts);
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** On the first desk after opening: who is on air, who needs the officer, who sits there. */
function firstFocus(desk) {
  const sits = desk.tiles.find((tile) => tile.occupant !== null);
  const there = desk.tiles.find((tile) => tile.state !== 'vacant');
  return desk.on_air ?? desk.next[0]?.slot ?? sits?.slot ?? there?.slot ?? null;
}
