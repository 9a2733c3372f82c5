// Every page in every language and every state that a visitor can bring about: seen once on a tour through a demo, then
// looked at from all sides. A picture of each is in shots/index.html.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sourceComplaints, unseen } from './checks/source.mjs';
import { markupErrors } from './harness.mjs';
import { takeAll } from './tours/all.mjs';
import { complaintsAbout, fileName, shots, writeIndex } from './viewing.mjs';

const languages = ['ko', 'en'];

/** Pages that several languages have at the same address are told apart by their names. */
async function markupComplaints(albums) {
  const pages = albums.flatMap(({ language, pages }) => pages.map((kept) => [`${language}-${fileName(kept)}`, kept.html]));
  return markupErrors(Object.fromEntries(pages));
}

test('every page', async (t) => {
  for (const language of languages) await rm(join(shots, language), { recursive: true, force: true });
  const albums = await Promise.all(languages.map(takeAll));
  await writeIndex(albums);
  const looked = Promise.all(albums.map(complaintsAbout));
  // A test that fails before it is awaited must not end the process.
  looked.catch(() => {});

  await t.test('has valid markup', async () => assert.deepEqual(await markupComplaints(albums), []));
  for (const album of albums) {
    const { language, pages } = album;
    await t.test(`${language}: every template and every address was visited`, async () => {
      assert.deepEqual(await unseen(album), []);
    });
    await t.test(`${language}: no script, no inline handler, under 14,000 bytes on the wire`, () => {
      assert.deepEqual(pages.flatMap((kept) => sourceComplaints(kept).map((one) => `${kept.name}: ${one}`)), []);
    });
  }
  for (const [index, complaints] of (await looked).entries()) {
    for (const [kind, found] of Object.entries(complaints)) {
      await t.test(`${languages[index]}: ${kind}`, () => assert.deepEqual(found, []));
    }
  }
});
