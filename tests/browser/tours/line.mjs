// A busy hour with a line: standing in it, waiting, coming in, and what is no place in it; and an hour without a free seat.
import { signIn } from './clinic.mjs';
import { noted, until } from './visiting.mjs';

const door = '/door/covid-line';
const countMillis = 120_000;

/** Standing in a line of the COVID-19 campaign, and everything that its door says. */
export async function standing(first) {
  const tour = await first.another();
  await announce(tour);
  await tour.open(door, 'line, it has not begun');
  await begin(tour);
  await tour.open(door, 'line');
  await tour.press(undefined, 'wait, in line');
  const wait = tour.path;
  await openTo(tour, await firstOfMinute(tour, wait));
  await until(async () => (await tour.open(wait), (await tour.count('main a.button[href^="/door/"]')) > 0));
  await tour.keep('wait, in line, their minute has begun');
  await tour.press('main a.button', 'line, nearly their turn');
  await tour.press('main a[href$="stay=1"]', 'line, nearly their turn, without looking again');
  await noSeats(tour, wait);
  await openTo(tour, 9223372036854775000n);
  await until(async () => (await tour.open(door), (await tour.count('main input[name=phone]')) > 0));
  await tour.keep('line, their turn');
  await tour.press(undefined, 'line, no phone', 422);
  await comeIn(tour, '010-0000-7501');
  await tour.press();
  if (!tour.path.startsWith('/book/covid-19/who')) throw new Error(`the line led to ${tour.path}`);
  await withAnother(first, tour);
  await callCentre(first);
  const past = tour.demo.now() - 60;
  await move(tour, `joins_from = ${past - 60}, opens_at = ${past - 60}, ends_at = ${past}`, 'over');
  await tour.end();
}

async function comeIn(tour, phone) {
  await tour.fill({ phone });
  await tour.press();
  await tour.fill({ code: await tour.mailbox.oneTimeCode(phone) });
  await tour.press();
}

/** Somebody with a copy of the place, which has let in another phone; then with something that is no place. */
async function withAnother(first, owner) {
  const tour = await first.another();
  const cookies = await owner.page.context().cookies();
  const ticket = cookies.find((one) => one.name.includes('ticket'));
  await tour.open('/');
  await tour.page.context().addCookies([ticket]);
  await tour.open(door);
  await comeIn(tour, '010-0000-7502');
  await tour.press(undefined, 'line, the place has let in another phone');
  await tour.page.context().addCookies([{ ...ticket, value: 'no-place' }]);
  await tour.open(door, 'line, no place');
  await tour.end();
}

async function callCentre(first) {
  const agent = await first.another();
  await signIn(agent, 'agent');
  await agent.keep('clinic-sites, the call centre');
  await agent.open('/clinic/callers/covid-line', 'clinic-callers, a line');
  await agent.end();
  const authority = await first.another();
  await signIn(authority, 'authority');
  await authority.open('/clinic/doors/covid-line?stay=1', 'clinic-door, an evening that goes on');
  if ((await authority.count('main svg')) === 0) throw new Error('the evening has no curves');
  await authority.end();
}

async function announce(tour) {
  const now = tour.demo.now();
  await tour.demo.sql(`INSERT INTO opening (id, code, campaign, places, joins_from, opens_at, ends_at, expected, sessions, beacon)
    SELECT 777, 'covid-line', id, 'line', ${now + 3600}, ${now + 7200}, ${now + 36000}, 0, 100, '' FROM campaign
    WHERE slug = 'covid-19'`);
  await tour.demo.sql(noted);
  await until(async () => (await phase(tour)) === 'announced');
}

/** Lets the line begin, and its door stand still. */
async function begin(tour) {
  const now = tour.demo.now();
  await move(tour, `joins_from = ${now - 120}, opens_at = ${now - 60}`, 'entering');
  const isThere = async () => (await tour.demo.sql('SELECT opening FROM door_state WHERE opening = 777')).length > 0;
  await until(isThere);
  await tour.demo.sql('UPDATE door_state SET paused = TRUE, fence = fence + 1 WHERE opening = 777');
  await until(async () => (await status(tour)).paused);
  // It has let in whoever might have come until then.
  await openTo(tour, 'NULL');
  await until(async () => (await status(tour)).threshold === null);
}

async function move(tour, change, wanted) {
  await tour.demo.sql(`UPDATE opening SET ${change} WHERE id = 777`);
  await tour.demo.sql(noted);
  await until(async () => (await phase(tour)) === wanted);
}

async function status(tour) {
  const answer = await fetch(`${tour.demo.base}/wait/covid-line/status.json`);
  return answer.ok ? answer.json() : {};
}

async function phase(tour) {
  return (await status(tour)).phase;
}

/** Opens the door as far as a place, as the database keeps it. */
async function openTo(tour, kept) {
  await tour.demo.sql(`UPDATE door_state SET threshold = ${kept}, fence = fence + 1 WHERE opening = 777`);
}

/** The first place of the minute that a waiting page is for, as the database keeps it. */
async function firstOfMinute(tour, wait) {
  const [[began]] = await tour.demo.sql('SELECT line_began FROM door_state WHERE opening = 777');
  const minute = Number(/covid-line\/(\d+)/.exec(wait)[1]) - 1;
  const place = BigInt(began + minute * 60) * 1000n << 22n;
  return BigInt.asIntN(64, place ^ (1n << 63n));
}

/** All seats are taken for a while. What is done to them behind the demo's back it notices as it counts, some sites every
 * ten seconds. */
async function noSeats(tour, wait) {
  const lanes = `SELECT slot_lane.slot FROM slot_lane JOIN slot ON slot.id = slot_lane.slot JOIN campaign ON campaign.id = slot.campaign
    WHERE slug = 'covid-19'`;
  const looks = async (isFull) => (await tour.open(wait), (await tour.count('main a[href="/bookings"]')) > 0 === isFull);
  await tour.demo.sql(`CREATE TABLE seats_before AS SELECT slot, lane, seats FROM slot_lane WHERE slot IN (${lanes})`);
  await tour.demo.sql(`UPDATE slot_lane SET seats = held + booked WHERE slot IN (${lanes})`);
  await until(() => looks(true), countMillis);
  await tour.keep('wait, no seat is free');
  await tour.open(door, 'door, no seat is free');
  await tour.demo.sql(`UPDATE slot_lane SET seats = (SELECT seats FROM seats_before AS before WHERE before.slot = slot_lane.slot
    AND before.lane = slot_lane.lane) WHERE slot IN (${lanes})`);
  await tour.demo.sql('DROP TABLE seats_before');
  await until(() => looks(false), countMillis);
}
