// A list of people, and booking for some of them: who, where, when, the check, and what is confirmed.

export const daughter = '010-0000-7201';
export const mother = '010-0000-7202';

const family = [
  { relation: 'mother', name: '박순자', birth: '1951-2-3', messages: 'both', phone: mother, consent: true },
  { relation: 'father', name: '김영수', birth: '1948-11-30', messages: 'mine', consent: true },
  { relation: 'child', name: '김하준', birth: '2018-3-4', messages: 'no-phone', consent: true },
  { relation: 'grandparent', name: '최말순', birth: '1921-7-15', messages: 'no-phone', consent: true },
  // As long as names of real people are.
  { relation: 'other', name: 'Maria Fernanda de la Cruz Santos-Rodríguez', birth: '1990-12-1', messages: 'mine', consent: true },
];

/** Writes six people down. */
export async function listing(tour) {
  await tour.open('/sign-in?next=%2Fpeople');
  await tour.signIn(daughter);
  await tour.keep('people, nobody');
  await tour.open('/book/covid-19/who', 'book-who, nobody in the list');
  await tour.open('/bookings', 'bookings, none');
  await tour.open('/people/new?relation=me', 'person, me');
  await tour.press(undefined, 'person, me, nothing typed', 422);
  await tour.describe({ name: '김민지', birth: '1980-5-6' });
  await tour.press();
  await tour.open('/people/new', 'person');
  await tour.press(undefined, 'person, nothing typed', 422);
  await tour.describe({ ...family[0], phone: undefined, birth: '1951-13-3' });
  await tour.press(undefined, 'person, a phone is missing', 422);
  for (const one of family) {
    await tour.open('/people/new');
    await tour.describe(one);
    await tour.press();
  }
  await tour.keep('people, six');
  await tour.open('/people/2', 'person, to be changed');
  await tour.open('/people/3/remove', 'person-remove');
}

/** Looks for a place and a time for two, down to the page of times; answers the path of the days. */
async function looking(tour, site) {
  const two = 'p=1&p=2';
  await tour.open('/book', 'book-start');
  await tour.open('/book/covid-19/who?for=me', 'book-who');
  await tour.open('/book/covid-19/where', 'book-who, nobody chosen', 422);
  await tour.open('/book/flu/who', 'book-who, some may not yet');
  await tour.open(`/book/covid-19/where?${two}`, 'book-where');
  await tour.open(`/book/covid-19/where?${two}&near=%EC%A4%91%EA%B5%AC`, 'book-where, several places meant');
  await tour.open(`/book/covid-19/where?${two}&near=qqq`, 'book-where, nothing found');
  const [[province, district]] = await tour.demo.sql(`SELECT province, district FROM site WHERE code = '${site}'`);
  await tour.open(`/book/covid-19/where?${two}&in=${province}`, 'book-where, districts');
  await tour.open(`/book/covid-19/where?${two}&in=${province}.${district}`, 'book-sites');
  const everybody = 'p=1&p=2&p=3&p=5&p=6';
  await tour.open(`/book/covid-19/where?${everybody}&at=${province}.${district}`, 'book-sites, around');
  await tour.open(`/book/covid-19/where?${two}&at=${province}.${district}&page=2`, 'book-sites, second page');
  const filters = 'step-free=1&evenings=1&weekend=1&vaccine=covid-protein';
  await tour.open(`/book/covid-19/where?${two}&in=${province}.${district}&${filters}`, 'book-sites, none');
  const lacking = `SELECT code FROM site WHERE id NOT IN (SELECT site FROM site_product JOIN product ON product = id
    WHERE product.code LIKE 'covid%') LIMIT 1`;
  const [[without]] = await tour.demo.sql(lacking);
  await tour.open(`/book/covid-19/${without}/when?${two}`, 'book-days, none');
  await tour.open(`/book/covid-19/${site}/when?${two}`, 'book-days');
  await tour.open(`/book/covid-19/${site}/when?${two}&page=2`, 'book-days, second page');
}

/** Books two doses for two; answers the references in the order of the page. */
export async function bookingForTwo(tour, site) {
  await looking(tour, site);
  const days = `/book/covid-19/${site}/when?p=1&p=2`;
  await tour.open(days);
  await tour.press('ul.days a', 'book-times, two people');
  const value = await tour.attribute('ul.times button', 'value');
  await tour.alter('ul.times button', 'value', 'covid-mrna~1');
  await tour.press('ul.times button', 'book-refused, the time has passed', 409);
  await tour.open(days);
  await tour.press('ul.days a');
  // Somebody else takes the last seats of this time while the page is looked at.
  const start = value.split('~')[1];
  await tour.demo.sql(`UPDATE slot_lane SET seats = held + booked
    WHERE slot IN (SELECT slot.id FROM slot JOIN campaign ON campaign = campaign.id
      WHERE slug = 'covid-19' AND starts_at BETWEEN ${start} AND ${start} + 1800)`);
  await tour.press('ul.times button', 'book-refused, full', 409);
  await tour.press('ul.times li:last-child button', 'hold');
  await extending(tour);
  await secondDose(tour);
  await tour.press('form[action$="/confirm"] button', 'done');
  const references = await tour.page.locator('.reference').allInnerTexts();
  return references.map((one) => one.replace('-', ''));
}

async function extending(tour) {
  const extend = 'form[action$="/extend"] button';
  await tour.press(extend, 'hold, extended');
  for (let times = 2; times < 8; times += 1) await tour.press(extend);
  await tour.keep('hold, few extensions are left');
  while ((await tour.count(extend)) > 0) await tour.press(extend);
  await tour.keep('hold, no extension is left');
}

async function secondDose(tour) {
  const hold = tour.path.replace(/\?.*/, '');
  await tour.open(`${hold}/second`, 'book-days, second dose');
  await tour.press('ul.days a', 'book-times, second dose');
  await tour.alter('ul.times button', 'value', 'covid-mrna~1');
  await tour.press('ul.times button', 'book-refused, second dose', 409);
  await tour.open(`${hold}/second`);
  await tour.press('ul.days a');
  await tour.press('ul.times button', 'hold, another second dose');
}

/** Books for the mother alone, for tomorrow; answers the reference. */
export async function bookingForOne(tour, site) {
  await tour.open(`/book/flu/${site}/when?p=2`);
  await tour.press('ul.days a', 'book-times, one person');
  await tour.press('ul.times button', 'hold, one person');
  await tour.press('form[action$="/release"] button', 'book-times, after letting go');
  await tour.press('ul.times button');
  await tour.press('form[action$="/confirm"] button', 'done, one person');
  return (await tour.page.locator('.reference').innerText()).replace('-', '');
}

/** Somebody else books the same mother. */
export async function bookingTwice(first, site) {
  const tour = await first.another();
  await tour.open('/sign-in?next=%2Fpeople%2Fnew');
  await tour.signIn('010-0000-7203');
  await tour.describe(family[0]);
  await tour.press();
  await tour.open(`/book/covid-19/${site}/when?p=1`);
  await tour.press('ul.days li:last-child a');
  await tour.press('ul.times button', 'book-refused, booked elsewhere', 409);
  await tour.end();
}

/** Six grown-ups at once: the longest pages there are. */
export async function bookingForSix(first, site) {
  const tour = await first.another();
  await tour.open('/sign-in?next=%2Fpeople');
  await tour.signIn('010-0000-7204');
  for (let number = 1; number <= 6; number += 1) {
    await tour.open(number === 1 ? '/people/new?relation=me' : '/people/new');
    const name = `Alexandra-Konstantina Papadopoulou-Schwarzenberg ${'I'.repeat(number)}`;
    const own = `010-0000-721${number}`;
    const about = { relation: 'other', messages: 'both', phone: own, consent: true };
    await tour.describe({ name, birth: `19${number}0-12-31`, ...(number === 1 ? {} : about) });
    await tour.press();
  }
  await tour.open('/book/covid-19/who');
  for (const box of await tour.page.locator('[name=p]').all()) await box.check();
  await tour.press();
  await tour.open(`/book/covid-19/${site}/when${tour.path.replace(/^[^?]*/, '')}`, 'book-days, six people');
  await tour.press('ul.days li:last-child a', 'book-times, six people');
  await tour.press('ul.times button', 'hold, six people');
  await tour.press('form[action$="/confirm"] button', 'done, six people');
  await tour.open('/bookings', 'bookings, many');
  await tour.open('/bookings?page=2', 'bookings, second page');
  await tour.open('/book/covid-19/who', 'book-who, everybody is booked');
  await tour.open('/people/6/remove');
  await tour.press();
  await tour.open('/people/new');
  await tour.describe({ relation: 'other', name: '한지우', birth: '1962-4-5', messages: 'mine', consent: true });
  await tour.press();
  await tour.open('/book/covid-19/who');
  const seventh = await tour.attribute('[name=p]:not([disabled])', 'value');
  await tour.open(`/book/covid-19/${site}/when?p=${seventh}`);
  await tour.press('ul.days li:last-child a');
  await tour.press('ul.times button', 'book-refused, too many people', 409);
  await tour.end();
}

/** A hold that nobody confirms runs out. */
export async function comingTooLate(first, site) {
  const tour = await first.another();
  await tour.open('/sign-in?next=%2Fpeople%2Fnew%3Frelation%3Dme');
  await tour.signIn('010-0000-7205');
  await tour.describe({ name: '정우성', birth: '1970-2-28' });
  await tour.press();
  await tour.open(`/book/covid-19/${site}/when?p=1`);
  await tour.press('ul.days li:last-child a');
  await tour.press('ul.times button');
  await tour.demo.pass(11);
  await tour.press('form[action$="/confirm"] button', 'hold-over');
  await tour.press('main a.button');
  await tour.press('ul.times button');
  return tour;
}
