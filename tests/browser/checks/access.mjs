// axe-core: WCAG 2.2 A and AA, and what is good practice.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** What axe-core finds on an open page. It is put in from outside: the page's policy lets no script in. */
export async function accessComplaints(page) {
  // A waiting page looks again by itself without a script. WCAG 2.2.1 allows that where it can be switched off, which
  // axe-core can't see: the tour presses the link that does it.
  const canBeStopped = (await page.locator('main a[href$="stay=1"]').count()) > 0;
  const rules = canBeStopped ? { 'meta-refresh': { enabled: false } } : {};
  await page.evaluate(axe);
  const found = await page.evaluate(([values, rules]) => {
    const options = { runOnly: { type: 'tag', values }, rules, resultTypes: ['violations'] };
    return globalThis.axe.run(document, options).then((result) =>
      result.violations.map((one) => ({ id: one.id, help: one.help, where: one.nodes.map((node) => node.html) })),
    );
  }, [tags, rules]);
  return found.map(({ id, help, where }) => `${id}: ${help}: ${where.slice(0, 3).join(' ')}`);
}
