// How long the first page takes on a slow line. The seconds are told, never judged: machines differ.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, newBrowser, newPage } from './harness.mjs';

/** Slow 3G as browsers' developer tools have it: 400 kbit/s each way, and 400 ms until an answer begins. */
const line = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };

test('the first page comes over slow 3G in one piece', async (t) => {
  const browser = await newBrowser();
  try {
    const page = await newPage(browser);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', line);
    await page.goto(base);
    const { shown, requests, bytes } = await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      const paint = performance.getEntriesByName('first-contentful-paint')[0];
      return {
        shown: paint?.startTime ?? navigation.domContentLoadedEventEnd,
        requests: performance.getEntriesByType('resource').filter((one) => !one.name.endsWith('icon.svg')).length,
        bytes: navigation.transferSize,
      };
    });
    assert.equal(requests, 0, 'the page needs nothing but itself');
    assert.ok(shown >= line.latency, `shown after ${shown} ms: the line was not slow`);
    t.diagnostic(`slow 3G (400 kbit/s, 400 ms): ${(shown / 1000).toFixed(1)} s to the first page of ${bytes} bytes`);
  } finally {
    await browser.close();
  }
});
