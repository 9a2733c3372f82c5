// A whole booking by the keyboard alone: Tab, Space, Enter and letters, no mouse and no JavaScript.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, mailbox, withPage } from './harness.mjs';

const phone = '010-0000-7501';
const tabsMax = 80;

/** Presses Tab until the focus is on what the selector finds. */
async function tabTo(page, selector) {
  for (let tabs = 0; tabs < tabsMax; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`${tabsMax} times Tab did not reach ${selector} at ${page.url()}`);
}

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.type(text);
}

/** Goes on by a link or a button. */
async function enter(page, selector) {
  await tabTo(page, selector);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

test('somebody books by the keyboard alone', () =>
  withPage({ viewport: { width: 1000, height: 740 } }, async (page) => {
    await page.goto(base);
    await enter(page, 'a[href="/book?for=me"]');
    await enter(page, 'a[href^="/book/covid-19/"]');

    // Enter in a field sends the form; a mistake brings the focus to the summary, whose link leads to the field.
    await enter(page, '[name=phone]');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.error-summary')), 'the focus is on the errors');
    await tabTo(page, '.error-summary a');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'phone');
    await page.keyboard.type(phone);
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await type(page, '[name=code]', await mailbox.oneTimeCode(phone));
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);

    await enter(page, 'a[href*="relation=me"]');
    await type(page, '[name=name]', '윤서연');
    await type(page, '[name=birth-year]', '1985');
    await type(page, '[name=birth-month]', '4');
    await type(page, '[name=birth-day]', '9');
    await enter(page, 'main form button');
    // The only one in the list is chosen already; Space takes the tick away and gives it back.
    await tabTo(page, '[name=p]');
    await page.keyboard.press('Space');
    assert.equal(await page.locator('[name=p]').isChecked(), false);
    await page.keyboard.press('Space');
    await enter(page, 'main form button');
    await type(page, '[name=near]', '보건소');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await enter(page, 'a.choice');
    // Not today: its first time may begin while this runs.
    await enter(page, 'ul.days li:nth-child(2) a');
    await enter(page, 'ul.times button');
    await enter(page, 'form[action$="/confirm"] button');
    assert.equal(await page.locator('.reference').count(), 2, 'both doses are booked');
  }));
