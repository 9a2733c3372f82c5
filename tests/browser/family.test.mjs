// The whole journey without JavaScript: a daughter books for herself and for her mother, reads what was sent, and the
// clinic sees both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, markupErrors, messageTo, oneTimeCode, screenshot, withPage } from './harness.mjs';

const phone = '010-0000-7301';
const bytesMax = 14_000;

/** Goes on to the next page by a link or a button, and looks at what came. */
async function goOn(page, target, name) {
  await Promise.all([page.waitForLoadState('load'), target.click()]);
  await look(page, name);
}

/** Every page: valid markup, one heading, no sideways scrolling, small enough for one round trip. */
async function look(page, name) {
  await screenshot(page, name);
  const html = await page.content();
  assert.deepEqual(await markupErrors(html), [], `${name} at ${page.url()}`);
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
  await goOn(page, page.locator('main button'), '02-code');
  await page.fill('[name=code]', await oneTimeCode(phone));
  await goOn(page, page.locator('main form button').first(), '03-signed-in');
}

async function addPerson(page, { name, birth, relation }) {
  await page.fill('[name=name]', name);
  const [year, month, day] = birth.split('-');
  await page.fill('[name=birth-year]', year);
  await page.fill('[name=birth-month]', month);
  await page.fill('[name=birth-day]', day);
  if (relation) {
    await page.check(`[name=relation][value=${relation}]`);
    await page.check('[name=messages-to][value=mine]');
    await page.check('[name=consent]');
  }
}

test('a daughter books two doses for herself and her mother, and the clinic sees both', () =>
  withPage({ viewport: { width: 320, height: 740 } }, async (page) => {
    await page.goto(base);
    await look(page, '01-home');
    console.log(page.url(), await page.locator('main').innerText());
  }));
