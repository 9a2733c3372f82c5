// The clinic's pages.
import { createHmac } from 'node:crypto';

/** Signs a member of staff of the demo in. */
export async function signIn(tour, login) {
  await tour.open('/clinic/sign-in');
  await tour.fill({ login, password: `sunny-${login}` });
  await tour.press();
}

/** A day of a clinic, and why a name is opened. */
export async function clinic(first, site) {
  const tour = await first.another();
  await tour.open('/clinic/sign-in', 'clinic-sign-in');
  await tour.press(undefined, 'clinic-sign-in, nothing typed', 422);
  await tour.fill({ login: 'clinic', password: 'wrong' });
  await tour.press(undefined, 'clinic-sign-in, a wrong password', 422);
  await signIn(tour, 'clinic');
  await tour.keep('clinic-sites, two');
  await tour.open(`/clinic/${site}/roster`, 'clinic-roster, today');
  await tour.press('main a[rel=next]', 'clinic-roster');
  const day = /date=([\d-]+)/.exec(tour.path)[1];
  await tour.open(`/clinic/${site}/roster?date=${day}&page=2`, 'clinic-roster, second page');
  await tour.open(`/clinic/${site}/roster?date=2020-01-01`, 'clinic-roster, nobody');
  await tour.open(`/clinic/${site}/roster?date=32.1.`, 'clinic-roster, no date', 422);
  await tour.open(`/clinic/${site}/roster/sheet?date=${day}`, 'clinic-sheet');
  await tour.open(`/clinic/${site}/roster/sheet?date=2020-01-01`, 'clinic-sheet, nobody');
  await tour.open(`/clinic/${site}/roster?date=${day}`);
  await tour.press('.roster a', 'clinic-why');
  await tour.press('main form button', 'clinic-why, no reason', 422);
  await tour.tick('reason=other');
  await tour.press('main form button', 'clinic-why, no words', 422);
  await tour.tick('reason=called');
  await tour.press('main form button', 'clinic-name');
  await tour.press('form[action="/clinic/sign-out"] button', 'clinic-sign-in, signed out');
  await tour.end();
  await desk(first, site);
  await others(first, site);
  await auditor(first);
  await counting(first, site);
  await closing(first, site);
}

async function others(first, site) {
  const nurse = await first.another();
  await signIn(nurse, 'nurse');
  await nurse.open(`/clinic/${site}/roster`, 'problem, somebody else’s clinic', 403);
  await nurse.end();
  const authority = await first.another();
  await signIn(authority, 'authority');
  await authority.keep('clinic-sites');
  await authority.open('/clinic?q=qqq', 'clinic-sites, none');
  await authority.open('/clinic/messages', 'clinic-messages');
  await authority.press('main form button[value=pause]', 'clinic-messages, paused');
  await authority.press('main form button[value=resume]');
  await authority.press('main .panel a', 'clinic-gateway');
  await authority.press(undefined, 'clinic-gateway, nothing typed', 422);
  await authority.fill({ contact: '010-0000-7400' });
  await authority.press(undefined, 'clinic-gateway, a test is on its way');
  await authority.open('/clinic/doors', 'clinic-doors');
  await authority.press('main a.choice', 'clinic-door');
  const door = authority.path;
  await authority.press('main a[href$="sure=open"]', 'clinic-door-sure, everybody');
  await authority.open(`${door}?sure=pause`, 'clinic-door-sure');
  await authority.press('main form button', 'clinic-door, paused');
  await authority.press('main form button[value=resume]', 'clinic-door, going on');
  await authority.open(`${door}?stay=1`, 'clinic-door, without looking again');
  await authority.fill({ people: 'many' });
  await authority.press('main form button[value=pace]', 'clinic-door, no pace', 422);
  await authority.open('/clinic', 'clinic-sites, again');
  await authority.press('main a[href^="/clinic/callers/"]', 'clinic-callers');
  await authority.press(undefined, 'clinic-callers, no number', 422);
  await authority.fill({ phone: '010-0000-7402' });
  await authority.press(undefined, 'clinic-callers, told');
  await authority.end();
}

/** A nurse counts the vaccine. */
async function counting(first, site) {
  const nurse = await first.another();
  await signIn(nurse, 'clinic');
  await nurse.open(`/clinic/${site}/supply`, 'clinic-supply');
  await nurse.press('main form:has([name=doses]) button', 'clinic-supply, nothing typed', 422);
  await nurse.tick('act=received');
  await nurse.fill({ doses: '120' });
  await nurse.press('main form:has([name=doses]) button', 'clinic-supply, received');
  await nurse.press('main form:has([value=undo]) button', 'clinic-supply, undone');
  await nurse.end();
}

/** A manager closes a day: who is affected, who is told, and what they see by the link in the text. */
async function closing(first, site) {
  const { demo } = first;
  const manager = await first.another();
  await signIn(manager, 'clinic');
  const [[starts]] = await demo.sql(`SELECT starts_at FROM booking JOIN site ON site.id = booking.site WHERE site.code = '${site}' AND state = 'booked' ORDER BY starts_at DESC LIMIT 1`);
  const day = new Date((Number(starts) + 9 * 3600) * 1000).toISOString().slice(0, 10);
  await manager.open(`/clinic/${site}/schedule?date=2020-01-01`, 'clinic-schedule, a day that is over');
  await manager.open(`/clinic/${site}/schedule?date=${day}`, 'clinic-schedule');
  await manager.fill({ from: 'ten' });
  await manager.press('main form button[value=ask]', 'clinic-schedule, no time', 422);
  await manager.fill({ from: '' });
  await manager.press('main form button[value=ask]', 'clinic-schedule-sure');
  await manager.press('main form button', 'clinic-schedule, closed');
  await manager.end();
  const whoever = await first.another();
  const { text } = await demo.mailbox.awaitMessage((message) => message.kind === 'displaced', 'word of the closing');
  const [, link] = /\/moved\/([\w-]+)/.exec(text);
  const id = Buffer.from(link, 'base64url').readBigInt64BE();
  await whoever.open(`/moved/${link}`, 'moved');
  await whoever.press('main form button', 'moved, set');
  await demo.sql(`UPDATE booking SET state = 'cancelled' WHERE id = ${id}`);
  await whoever.open(whoever.path, 'moved, cancelled');
  await demo.sql(`UPDATE booking SET state = 'booked' WHERE id = ${id}`);
  await whoever.end();
}

/** An auditor sets an app up, signs in with it, and reads who looked at whom. */
async function auditor(first) {
  const tour = await first.another();
  await signIn(tour, 'auditor');
  await tour.keep('clinic-audit');
  await tour.press('main form[method=post] button', 'clinic-audit, no reason', 422);
  await tour.open('/clinic/audit?month=2020-01', 'clinic-audit, nobody');
  await tour.open('/clinic/audit?who=clinic', 'clinic-audit, one person');
  await tour.open('/clinic/audit?who=nobody', 'clinic-audit, nothing');
  await tour.open('/clinic/account', 'clinic-account');
  await tour.press('main form:has([name=again]) button', 'clinic-account, nothing typed', 422);
  await tour.open('/clinic/account/second-factor', 'clinic-second-factor');
  await tour.press(undefined, 'clinic-second-factor, nothing typed', 422);
  const secret = (await tour.page.locator('main p b').first().innerText()).replaceAll(' ', '');
  const code = (seconds) => appCode(secret, first.demo.now() + seconds);
  await tour.fill({ code: code(0), password: 'sunny-auditor' });
  await tour.press(undefined, 'clinic-recovery-codes');
  await tour.open('/clinic/account', 'clinic-account, with an app');
  await tour.press('form[action="/clinic/sign-out"] button');
  await signIn(tour, 'auditor');
  await tour.keep('clinic-sign-in-code');
  await tour.press(undefined, 'clinic-sign-in-code, nothing typed', 422);
  // The code of the next half minute: this one's was used.
  await tour.fill({ code: code(30) });
  await tour.press();
  await tour.keep('clinic-audit, again');
  await tour.end();
}

/** What an authenticator app shows at a second (RFC 6238). */
function appCode(secret, second) {
  const bits = [...secret].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(second / 30)));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Three bookings of a site: two whose time came an hour ago, and one of another day. */
async function expected({ demo }, site) {
  const rows = await demo.sql(`SELECT reference, product.code FROM booking JOIN site ON site.id = booking.site
    JOIN product ON product.id = booking.product WHERE site.code = '${site}' AND state = 'booked'
    ORDER BY booking.starts_at DESC LIMIT 3`);
  const now = demo.now();
  const today = new Date((now + 9 * 3600) * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  for (const [reference] of rows.slice(0, 2)) {
    await demo.sql(`UPDATE booking SET local_date = ${today}, starts_at = ${now - 3600} WHERE reference = '${reference}'`);
  }
  return rows;
}

const doing = (act) => `main form:has([value="${act}"]) button`;

/** Somebody is received and vaccinated, with mistakes on the way; somebody else does not come. */
async function desk(first, site) {
  const nurse = await first.another();
  const [[reference, product], [missing], [later]] = await expected(first, site);
  const page = (of) => `/clinic/${site}/bookings/${of}`;
  await signIn(nurse, 'clinic');
  await nurse.open(page(later), 'clinic-visit, another day');
  await nurse.open(`/r/${reference}`, 'clinic-visit');
  await nurse.press(doing('check-in'), 'clinic-visit, nothing chosen', 422);
  await nurse.tick('identified=document', 'screened=yes');
  await nurse.press(doing('check-in'), 'clinic-visit, arrived, and there is no lot');
  await nurse.press('main a[href$="/lots"]', 'clinic-lots, none');
  const lots = 'main form[action$="/lots"] button';
  await nurse.press(lots, 'clinic-lots, nothing typed', 422);
  await nurse.page.selectOption('[name=product]', product);
  await nurse.fill({ number: 'A1B2', expires_on: '2099-12-31' });
  await nurse.press(lots, 'clinic-lots, one more');
  await nurse.open(page(reference), 'clinic-visit, arrived');
  await nurse.press(doing('record'), 'clinic-visit, no place on the body', 422);
  await nurse.page.selectOption('[name=lot]', { index: 1 });
  await nurse.tick('body_site=left-arm');
  await nurse.press(doing('record'), 'clinic-visit, vaccinated');
  await nurse.page.click('summary');
  await nurse.keep('clinic-visit, to be corrected');
  await nurse.press(doing('undo'), 'clinic-visit, undone');
  await nurse.alter('main form:has([value=undo]) [name=version]', 'value', '1');
  await nurse.press(doing('undo'), 'clinic-visit, changed by a colleague', 422);
  await nurse.open(page(missing));
  await nurse.press(doing('no-show'), 'clinic-visit, did not come');
  await nurse.end();
  const authority = await first.another();
  await signIn(authority, 'authority');
  await authority.open(`/clinic/${site}/lots`, 'clinic-lots, the authority');
  await authority.press('main a[href*="/recall"]', 'clinic-recall');
  await authority.press('main form button', 'clinic-lots, recalled');
  await authority.press('main a[href*="/recall"]', 'clinic-recall, of a lot that was recalled');
  await authority.end();
}
