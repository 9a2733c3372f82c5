// Proving a phone, and everything that can go wrong with it.

const again = 'main form[action*="/again"] button';

export async function signingIn(first) {
  const tour = await first.another();
  await tour.open('/sign-in?next=%2Fpeople', 'sign-in');
  await tour.press(undefined, 'sign-in, nothing typed', 422);
  await tour.fill({ phone: '02-000-0000' });
  await tour.press(undefined, 'sign-in, no mobile phone', 422);
  await tour.fill({ phone: '+1 202 555 0100' });
  await tour.press(undefined, 'sign-in, a country that is not served', 422);
  await tour.fill({ phone: '010-0000-7101' });
  await tour.press(undefined, 'code');
  await tour.press(undefined, 'code, nothing typed', 422);
  await tour.fill({ code: '000000' });
  await tour.press(undefined, 'code, wrong', 422);
  await tour.press(again, 'code, sent a moment ago');
  while ((await tour.count('[name=code]')) > 0) {
    await tour.fill({ code: '000000' });
    await tour.press();
  }
  await tour.keep('sign-in, too many tries', 422);
  await tour.press();
  await tour.demo.pass(2);
  await tour.press(again, 'code, sent again');
  await tour.end();
  await strangers(first);
}

async function strangers(first) {
  const lost = await first.another();
  await lost.open('/sign-in/code', 'sign-in, the code was lost');
  await lost.end();

  const eager = await first.another();
  const phone = '010-0000-7102';
  do {
    await eager.demo.pass(2);
    await eager.open('/sign-in');
    await eager.fill({ phone });
    await eager.press();
  } while ((await eager.count('[name=code]')) > 0);
  await eager.keep('sign-in, too many codes', 429);
  await eager.end();
}

/** Somebody whose cookie is lost in the middle proves the phone again and goes on. */
export async function losingTheCookie(first) {
  const tour = await first.another();
  const phone = '010-0000-7103';
  await tour.open('/sign-in?next=%2Fpeople%2Fnew%3Frelation%3Dme');
  await tour.signIn(phone);
  await tour.describe({ name: '이하나', birth: '1990-1-2' });
  await tour.page.context().clearCookies();
  await tour.demo.pass(2);
  await tour.press(undefined, 'sign-in, what was typed is kept');
  await tour.signIn(phone);
  await tour.keep('go-on');
  await tour.press(undefined, 'people, one');
  await tour.open('/me/erase', 'erase');
  await tour.press(undefined, 'sign-in, all erased');
  await tour.signIn('010-0000-7104');
  await tour.press('form[action="/sign-out"] button', 'home, signed out');
  await tour.end();
}

/** Somebody who was away for long answers with a birth date; the next one was given the number. */
export async function comingBackLate(first) {
  const phone = '010-0000-7105';
  const owner = await first.another();
  await owner.open('/sign-in?next=%2Fpeople%2Fnew%3Frelation%3Dme');
  await owner.signIn(phone);
  await owner.describe({ name: '박두리', birth: '1988-8-8' });
  await owner.press();
  await owner.end();
  await growIdle(first);
  const tour = await first.another();
  await tour.open('/sign-in?next=%2Fpeople');
  await tour.signIn(phone);
  await tour.keep('birth-date');
  await tour.press(undefined, 'birth-date, nothing typed', 422);
  await tour.fill({ 'birth-year': '1988', 'birth-month': '8', 'birth-day': '9' });
  await tour.press(undefined, 'birth-date, not one of them', 422);
  await tour.press('a[href^="/sign-in/anew"]', 'anew');
  await tour.press('main a.back');
  await tour.fill({ 'birth-year': '1988', 'birth-month': '8', 'birth-day': '8' });
  await tour.press();
  await tour.end();
  await growIdle(first);
  const newcomer = await first.another();
  await newcomer.demo.pass(2);
  await newcomer.open('/sign-in?next=%2Fpeople');
  await newcomer.signIn(phone);
  while ((await newcomer.count('[name=birth-year]')) > 0) {
    await newcomer.fill({ 'birth-year': '1950', 'birth-month': '1', 'birth-day': '1' });
    await newcomer.press();
  }
  await newcomer.keep('anew, too many tries');
  await newcomer.press();
  await newcomer.end();
}

/** The account that was made last was not used for 90 days. */
async function growIdle(tour) {
  await tour.demo.sql('UPDATE account SET seen_at = seen_at - 90 * 86400 WHERE id = (SELECT MAX(id) FROM account)');
}
