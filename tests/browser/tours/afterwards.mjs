// What can be done with a booking: see, change, cancel, find it again; and what is known about oneself.
import { daughter, mother } from './family.mjs';

/** Looks at bookings and changes one. `references`: first and second dose of the daughter, then of the mother. */
export async function changing(tour, [reference, second]) {
  await tour.open('/bookings', 'bookings');
  await tour.open(`/bookings/${reference}`, 'booking');
  await tour.press('main form[action$="/tell"] button', 'booking, told again');
  await tour.open(`/bookings/${reference}/change/where`, 'book-where, change');
  const [[place]] = await tour.demo.sql(`SELECT province || '.' || district FROM site ORDER BY id LIMIT 1`);
  await tour.open(`/bookings/${reference}/change/where?in=${place}`, 'book-sites, change');
  await tour.open(`/bookings/${reference}/change`);
  if ((await tour.count('ul.times')) > 0) await tour.press('a.back');
  await tour.keep('book-days, change');
  await tour.press('ul.days li:nth-child(3) a', 'book-times, change');
  await tour.press('ul.times a', 'change-check');
  await tour.press('main form button', 'booking, changed');
  if ((await tour.count('.notice[role=status]')) === 0) throw new Error('nobody says that the booking was changed');
  const there = await tour.attribute('main a[href$="/change"]', 'href');
  await tour.open(there);
  if ((await tour.count('ul.times')) === 0) await tour.press('ul.days a');
  const link = await tour.attribute('ul.times a', 'href');
  await tour.open(link.replace(/to=.*/, 'to=covid-mrna%7E1'), 'book-refused, change', 409);
  // The first dose goes so far that the second has to move along.
  await tour.open(`${there}?page=2`);
  if ((await tour.count('ul.days')) === 0) return second;
  await tour.press('ul.days li:last-child a');
  await tour.press('ul.times a', 'change-check, the second dose moves along');
  return second;
}

export async function cancelling(tour, [reference, second]) {
  await tour.open(`/bookings/${second}/cancel`, 'cancel, second dose');
  await tour.open(`/bookings/${reference}/cancel`, 'cancel');
  await tour.press('main form button', 'booking, cancelled');
  await tour.open('/bookings', 'bookings, some are cancelled');
}

export async function aboutMe(tour) {
  await tour.open('/me', 'me');
  await tour.open('/me/email', 'email');
  await tour.press(undefined, 'email, nothing typed', 422);
  const email = 'minji@example.org';
  await tour.fill({ email });
  await tour.press(undefined, 'code, by e-mail');
  await tour.fill({ code: '000000' });
  await tour.press(undefined, 'code, by e-mail, wrong', 422);
  await tour.press('main form[action="/me/email/again"] button', 'code, by e-mail, sent a moment ago');
  await tour.fill({ code: await tour.mailbox.oneTimeCode(email) });
  await tour.press(undefined, 'me, with an e-mail address');
  await tour.open('/me/messages', 'me-messages');
  await tour.press(undefined, 'me, messages as they should be');
  await tour.open('/me/phone', 'phone');
  await tour.press(undefined, 'phone, nothing typed', 422);
  await tour.fill({ phone: '010-0000-7201' });
  await tour.press(undefined, 'phone, the same', 422);
  await tour.fill({ phone: '010-0000-7203' });
  await tour.press(undefined, 'code, for another phone');
  await tour.press('main form[action="/me/phone/again"] button', 'code, for another phone, sent a moment ago');
  await tour.fill({ code: await tour.mailbox.oneTimeCode('010-0000-7203') });
  await tour.press(undefined, 'phone, somebody has it', 409);
  await tour.open('/me/erase');
  await tour.press(undefined, 'erase, bookings are to come', 409);
  await tour.open('/me');
  await tour.press('form[action$="/remove"] button', 'me, without an e-mail address');
}

/** The mother sees who books for her, and ends it: her bookings are her own then. */
export async function beingCaredFor(first) {
  const cared = await first.another();
  await cared.open('/sign-in?next=%2Fpeople%2Fnew%3Frelation%3Dme');
  await cared.signIn(mother);
  await cared.describe({ name: '박순자', birth: '1951-2-3' });
  await cared.press();
  await cared.open('/me', 'me, somebody books for me');
  await cared.press('main a[href^="/me/carers/"]', 'carer-revoke');
  await cared.press('main form button', 'me, nobody books for me any more');
  await cared.press('form[action$="/sign-out-everywhere"] button', 'sign-in, out everywhere');
  await cared.end();
}

/** Finds a booking without signing in. */
export async function finding(first, reference) {
  const tour = await first.another();
  await tour.open('/bookings', 'bookings-how');
  await tour.open('/find', 'find');
  await tour.press(undefined, 'find, nothing typed', 422);
  await tour.fill({ reference: 'ABCD-EFG0', phone: daughter });
  await tour.press(undefined, 'find, a reference that is none', 422);
  await tour.open('/find/code', 'find, the code was lost');
  await tour.open(`/r/${reference}`, 'find, by the QR code');
  await tour.fill({ phone: daughter });
  await tour.press(undefined, 'find-code');
  await tour.fill({ code: '000000' });
  await tour.press(undefined, 'find-code, wrong', 422);
  await tour.press('form[action="/find/again"] button', 'find-code, sent a moment ago');
  await tour.fill({ code: await tour.mailbox.oneTimeCode(daughter) });
  await tour.press(undefined, 'booking, found by its reference');
  await tour.press('form[action="/find/close"] button', 'find, the booking was closed');
  await tour.open('/find');
  await tour.fill({ reference, phone: '010-0000-7209' });
  await tour.press();
  while ((await tour.count('[name=code]')) > 0) {
    await tour.fill({ code: '000000' });
    await tour.press();
  }
  await tour.keep('find, too many tries');
  await tour.end();
}

/** Days later: what is over can't be changed. On the day before, the door of the demo's evening would answer. */
export async function beingOver(tour, reference) {
  await tour.demo.pass(4 * 24 * 60);
  await tour.open(`/bookings/${reference}`, 'booking, over');
  await tour.open(`/bookings/${reference}/cancel`, 'cancel-late');
  await tour.open(`/bookings/${reference}/change`, 'book-refused, too late to change', 409);
  await tour.open('/bookings', 'bookings, some are over');
}
