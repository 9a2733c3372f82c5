// Widths: a small screen, large letters, paper.

/** Runs in the page: what is wider than the window, or cut off by what holds it. */
function overflow(mayScroll) {
  const found = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = [...document.body.querySelectorAll('*')].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.right > clientWidth + 0.5 && box.width > 0 && !one.closest('.scroll');
    });
    const names = wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120));
    found.push(`${scrollWidth} px in ${clientWidth}: ${names.join(' ')}`);
  }
  for (const one of document.querySelectorAll('main *, header *')) {
    const style = getComputedStyle(one);
    const hides = style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
    if (hides && !(mayScroll && one.matches('.scroll')) && !one.matches('input, select, progress')) {
      found.push(`cut off: ${one.outerHTML.slice(0, 120)}`);
    }
  }
  return found;
}

/** Runs in the page: times, years and references that stand in two lines. */
function brokenWords() {
  return [...document.querySelectorAll('td, .reference')]
    .filter((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top / 4)));
      return !/\s/.test(cell.textContent) && lines.size > 1;
    })
    .map((cell) => `broken: ${cell.textContent}`);
}

/** Controls that a finger may miss: lower or narrower than 24 px, unless they stand in a sentence (WCAG 2.5.8). */
function smallTargets() {
  const controls = document.querySelectorAll('main button, main a, main select, main input:not([type=hidden]), header button, nav a, nav button');
  return [...controls]
    .filter((one) => {
      const box = (one.closest('label') ?? one).getBoundingClientRect();
      const isInSentence = getComputedStyle(one).display === 'inline';
      return box.width > 0 && box.left >= 0 && !isInSentence && (box.height < 24 || box.width < 24);
    })
    .map((one) => `small: ${one.outerHTML.slice(0, 120)}`);
}

/** 320 px wide and 256 px high: what a 1280 by 1024 window has left at 400 %. Tables may scroll in their own frame. */
export async function smallComplaints(page) {
  await page.setViewportSize({ width: 320, height: 256 });
  const found = [overflow, smallTargets, brokenWords].map((look) => page.evaluate(look, true));
  return (await Promise.all(found)).flat();
}

/** Letters twice as large, nothing else: all sizes hang on the root's. */
export async function largeLettersComplaints(page) {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  const found = await page.evaluate(overflow, true);
  await page.evaluate(() => (document.documentElement.style.fontSize = ''));
  return found;
}

/** What is no use on paper, and what must be there. */
const notPrinted = '.top, .menu, .skip, .demo, footer, form, .button, .button-plain, .button-warn, .back, .steps';
const printed = { booking: '.reference', done: '.reference', 'clinic-sheet': 'h2' };

/** A4 with margins of one centimetre is 718 px wide. */
export async function paperComplaints(page, kept) {
  await page.setViewportSize({ width: 718, height: 1046 });
  await page.emulateMedia({ media: 'print' });
  const found = [...(await page.evaluate(overflow, false)), ...(await page.evaluate(brokenWords))];
  const shown = (selector) => page.locator(selector).filter({ visible: true });
  for (const one of await shown(notPrinted).all()) {
    found.push(`is printed: ${(await one.evaluate((element) => element.outerHTML)).slice(0, 120)}`);
  }
  const wanted = printed[kept.template];
  if (wanted && (await page.locator(wanted).count()) > 0 && (await shown(wanted).count()) === 0) {
    found.push(`${wanted} is not printed`);
  }
  const codes = await page.locator('svg').count();
  if ((await shown('svg').count()) < codes) found.push('a QR code is not printed');
  return found;
}
