// The main journey in Firefox without JavaScript: sign in, write two people down, book for both, change, cancel.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Firefox } from './firefox.mjs';
import { base, mailbox } from './harness.mjs';

const shots = join(dirname(fileURLToPath(import.meta.url)), 'shots', 'firefox');
const phone = '010-0000-7401';
const send = 'main form > button';

async function signIn(firefox) {
  await firefox.open(`${base}/sign-in?next=%2Fpeople%2Fnew%3Frelation%3Dme`);
  await firefox.fill({ phone });
  await firefox.press(send);
  await firefox.fill({ code: await mailbox.oneTimeCode(phone) });
  await firefox.press(send);
}

async function writeDown(firefox) {
  await firefox.fill({ name: '김민지', 'birth-year': '1980', 'birth-month': '5', 'birth-day': '6' });
  await firefox.press(send);
  await firefox.press('main a[href="/people/new"]');
  await firefox.press('[name=relation][value=mother]');
  await firefox.fill({ name: '박순자', 'birth-year': '1951', 'birth-month': '2', 'birth-day': '3' });
  await firefox.press('[name=messages][value=mine]');
  await firefox.press('[name=consent]');
  await firefox.press(send);
}

/** Books two doses for both at the first site that has room; answers the references. */
async function book(firefox) {
  await firefox.open(`${base}/book/covid-19/who`);
  await firefox.press('[name=p][value="1"]');
  await firefox.press('[name=p][value="2"]');
  await firefox.press(send);
  const people = new URL(await firefox.address()).search;
  assert.equal(people, '?p=1&p=2');
  await firefox.fill({ near: '보건소' });
  await firefox.press('main form:last-of-type button');
  await firefox.press('a.choice');
  // Not today: its first time may begin while this runs.
  await firefox.press('ul.days li:nth-child(2) a');
  await firefox.press('ul.times button');
  await firefox.screenshot(join(shots, 'hold.png'));
  await firefox.press('form[action$="/confirm"] button');
  await firefox.screenshot(join(shots, 'done.png'));
  const said = await firefox.text('main');
  return [...new Set(said.match(/\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b/g))];
}

test('in Firefox without JavaScript a daughter books for both, changes one seat and gives it up', async () => {
  await mkdir(shots, { recursive: true });
  const firefox = await Firefox.start();
  try {
    await firefox.open('data:text/html,<title>x</title><h1>off</h1><script>document.body.textContent="on"</script>');
    assert.equal(await firefox.text('body'), 'off', 'JavaScript is off');
    await signIn(firefox);
    await writeDown(firefox);
    const references = await book(firefox);
    assert.equal(references.length, 4, 'two people, two doses each');

    const booking = `${base}/bookings/${references[0].replace('-', '')}`;
    await firefox.open(`${booking}/change`);
    if ((await firefox.findAll('ul.times')).length > 0) await firefox.press('a.back');
    await firefox.press('ul.days li:nth-child(3) a');
    await firefox.press('ul.times a');
    const wanted = await firefox.text('dl.summary strong');
    await firefox.press(send);
    assert.ok((await firefox.text('main')).includes(wanted), `${wanted} is the new time`);

    await firefox.open(`${booking}/cancel`);
    await firefox.press('button.button-warn');
    await firefox.screenshot(join(shots, 'cancelled.png'));
    assert.equal((await firefox.findAll('.tag-warn')).length, 1, 'the booking is cancelled');
  } finally {
    await firefox.end();
  }
});
