// The whole journey without JavaScript: a daughter books for herself and for her mother, reads what was sent, and the
// clinic sees both.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { asText, base, data, mailbox, markupErrors, newPage, screenshot, withPage } from './harness.mjs';

const phone = '010-0000-7301';
const bytesMax = 14_000;

/** Goes on to the next page by a link or a button, and looks at what came. */
async function goOn(page, target, name) {
  await Promise.all([page.waitForLoadState('load'), target.click()]);
  await look(page, name);
}

/** The pages that were seen, for the check of their markup at the end. */
const seen = {};

/** Every page: one heading, no sideways scrolling, small enough for one round trip. */
async function look(page, name) {
  await screenshot(page, name);
  const html = await page.content();
  seen[name] = html;
  assert.equal(await page.locator('h1').count(), 1, name);
  const [wide, shown] = await Promise.all([
    page.locator('html').evaluate((html) => html.scrollWidth),
    page.locator('html').evaluate((html) => html.clientWidth),
  ]);
  assert.ok(wide <= shown, `${name} scrolls sideways: ${wide} > ${shown}`);
  assert.ok(Buffer.byteLength(html) < bytesMax, `${name} has ${Buffer.byteLength(html)} bytes`);
}

async function signIn(page) {
  await page.fill('[name=phone]', phone);
  await goOn(page, page.locator('main form button').first(), '03-code');
  await page.fill('[name=code]', await mailbox.oneTimeCode(phone));
  await goOn(page, page.locator('main form button').first(), '04-who');
}

async function fillIn(page, { name, birth }) {
  const [year, month, day] = birth.split('-');
  await page.fill('[name=name]', name);
  await page.fill('[name=birth-year]', year);
  await page.fill('[name=birth-month]', month);
  await page.fill('[name=birth-day]', day);
}

/** The demo's log, once it says this. */
async function logWith(said) {
  for (let tries = 0; tries < 50; tries += 1) {
    const log = await readFile(join(data, '..', 'demo.log'), 'utf8');
    if (said.test(log)) return log;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the log never says ${said}`);
}

/** Presses the button at the end of the page's form. */
const sendForm = (page, name) => goOn(page, page.locator('main form button').last(), name);

async function addBoth(page) {
  await goOn(page, page.locator('main a[href*="relation=me"]'), '05-me');
  await fillIn(page, { name: '김민지', birth: '1980-5-6' });
  await sendForm(page, '06-who-me');
  await goOn(page, page.locator('main button[name=add]').last(), '07-mother');
  await page.check('[name=relation][value=mother]');
  await fillIn(page, { name: '박순자', birth: '1951-2-3' });
  await page.check('[name=messages][value=mine]');
  await page.check('[name=consent]');
  await sendForm(page, '08-who-both');
}

/** The first region of a list that has a site with free seats. */
async function chooseRegion(page, name) {
  const options = await page.locator('select option').evaluateAll((options) =>
    options.map((option) => ({ value: option.value, text: option.textContent })));
  const open = options.find((option) => option.value && !/[(]0/.test(option.text));
  await page.selectOption('select', open.value);
  await goOn(page, page.locator('main form button').first(), name);
}

async function choosePlaceAndTime(page) {
  await chooseRegion(page, '10-districts');
  if ((await page.locator('select').count()) > 0) await chooseRegion(page, '11-sites');
  await goOn(page, page.locator('a.choice').first(), '12-days');
  await goOn(page, page.locator('ul.days a').nth(1), '13-times');
  await goOn(page, page.locator('ul.times button').first(), '14-check');
}

/** What the clinic's roster of a day says, read in a browser of its own. */
async function roster(browser, site, day) {
  const page = await newPage(browser, { viewport: { width: 1000, height: 740 } });
  await page.goto(`${base}/clinic/${site}/roster?date=${day}`);
  await page.fill('[name=login]', 'authority');
  await page.fill('[name=password]', 'sunny-authority');
  await goOn(page, page.locator('main form button').first(), '16-roster');
  return page.locator('main').innerText();
}

test('a daughter books two doses for herself and her mother, and the clinic sees both', () =>
  withPage({ viewport: { width: 320, height: 740 } }, async (page, browser) => {
    await page.goto(base);
    await look(page, '01-home');
    await goOn(page, page.locator('a[href="/campaigns/covid-19"]'), '02-campaign');
    await page.goto(`${base}/book/covid-19/who?for=me`);
    await signIn(page);
    await addBoth(page);
    for (const box of await page.locator('[name=p]').all()) await box.check();
    await goOn(page, page.locator('main form button').first(), '09-where');
    await choosePlaceAndTime(page);
    const site = /book\/covid-19\/(\w+)\/when/.exec(await page.content())[1];
    const check = await page.locator('main').innerText();
    assert.match(check, /김민지/);
    assert.match(check, /박순자/);

    await goOn(page, page.locator('form[action$="/confirm"] button'), '15-done');
    const codes = (await page.locator('main').innerText()).match(/\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b/g);
    const references = [...new Set(codes)];
    assert.equal(references.length, 4, 'two people, two doses each');

    const told = await mailbox.messageTo(phone, 'confirmation');
    for (const reference of references) assert.ok(told.text.includes(reference), `${reference} is told`);

    const [, year, month, day] = /(\d{4})년 (\d+)월 (\d+)일/.exec(await page.locator('main').innerText());
    const list = await roster(browser, site, `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
    const onThatDay = references.filter((reference) => list.includes(reference));
    assert.equal(onThatDay.length, 2, 'both are on the roster of the first dose');
    assert.match(list, /김\*지/);
    assert.ok(!list.includes('김민지'), 'names are masked');
    assert.deepEqual(await markupErrors(seen), []);

    // What went well is no line of the log; what was refused is, without what stood in its address.
    await fetch(`${base}/nowhere/${encodeURIComponent('김민지')}?phone=010-0000-7301`);
    const log = await logWith(/request/);
    for (const personal of ['김민지', '박순자', '01000007301', '1000007301', '010-0000-7301', '1980-05-06', ...references]) {
      assert.ok(!log.includes(personal), `the log holds ${personal}`);
    }
  }));

test('a text browser can read the first page', async () => {
  const text = await asText('/');
  assert.match(text, /무엇을 도와드릴까요|What would you like to do/);
});
