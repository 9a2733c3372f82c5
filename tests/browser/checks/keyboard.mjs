// The keyboard alone: every control is reached in the order of the page, shows that it has the focus, and the links of an
// error summary lead to their fields.

/** Runs in the page: what Tab must reach, in order. Of the buttons of one radio group only one is a stop. */
function expectedStops() {
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const groups = new Set();
  const stops = [];
  for (const one of document.querySelectorAll(all)) {
    const closed = one.closest('details:not([open])');
    if (one.disabled || (closed && !one.closest('summary'))) continue;
    if (one.type === 'radio') {
      const members = [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
      const stop = members.find((member) => member.checked) ?? members[0];
      if (groups.has(one.name) || stop !== one) continue;
      groups.add(one.name);
    }
    stops.push(one);
  }
  globalThis.stops = stops;
  return stops.map((one) => one.outerHTML.slice(0, 100));
}

/** Runs in the page: which stop has the focus, and whether one sees it. */
function stopNow() {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    index: globalThis.stops.indexOf(one),
    isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}

/** Runs in the page: the next Tab begins at the top, wherever the focus was. */
function goToTop() {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
}

async function tabThrough(page) {
  const found = [];
  const stops = await page.evaluate(expectedStops);
  await page.evaluate(goToTop);
  for (const [index, stop] of stops.entries()) {
    await page.keyboard.press('Tab');
    let now = await page.evaluate(stopNow);
    // A date has stops inside: day, month, year, and the calendar.
    for (let parts = 4; now.index === index - 1 && stops[now.index].includes('type="date"') && parts > 0; parts -= 1) {
      await page.keyboard.press('Tab');
      now = await page.evaluate(stopNow);
    }
    if (now.index !== index) {
      found.push(`Tab ${index + 1} reaches ${stops[now.index] ?? 'nothing'} and not ${stop}`);
      break;
    }
    if (!now.isMarked) found.push(`the focus is not seen on ${stop}`);
    if (!now.isInView) found.push(`the focus is out of view on ${stop}`);
  }
  return found;
}

/** The first Tab offers to skip the menu, and Enter does it. */
async function skip(page) {
  await page.evaluate(goToTop);
  await page.keyboard.press('Tab');
  if (!(await page.evaluate(() => document.activeElement.matches('.skip')))) return ['the first Tab does not offer to skip'];
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const isPast = await page.evaluate(() => {
    const inMain = document.querySelector('main a[href], main button, main input:not([type=hidden]), main select');
    return !inMain || document.querySelector('main').contains(document.activeElement);
  });
  return isPast ? [] : ['the skip link leads nowhere'];
}

/** A page that came back with errors has the focus on the summary, and each of its links brings one to the field. */
async function errorLinks(page) {
  const links = page.locator('.error-summary a[href^="#"]');
  const found = [];
  for (const link of await links.all()) {
    await link.focus();
    const id = (await link.getAttribute('href')).slice(1);
    await page.keyboard.press('Enter');
    const isThere = await page.evaluate((target) => {
      const field = document.getElementById(target);
      return field !== null && (field === document.activeElement || field.contains(document.activeElement));
    }, id);
    if (!isThere) found.push(`the error's link does not bring the focus to #${id}`);
  }
  return found;
}

export async function keyboardComplaints(page) {
  const found = [];
  await page.setViewportSize({ width: 360, height: 740 });
  const hasSummary = (await page.locator('.error-summary').count()) > 0;
  const isOnSummary = await page.evaluate(() => document.activeElement.matches('.error-summary'));
  if (hasSummary && !isOnSummary) found.push('the focus is not on the error summary');
  found.push(...(await tabThrough(page)), ...(await skip(page)));
  if (hasSummary) found.push(...(await errorLinks(page)));
  return found;
}
