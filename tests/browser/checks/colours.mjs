// Forced colours: backgrounds and shadows are gone, so lines and letters must tell everything.

function unmarked() {
  const isLined = (one) => {
    const style = getComputedStyle(one);
    const lines = ['Top', 'Right', 'Bottom', 'Left'];
    return lines.every((side) => style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) >= 1);
  };
  const isUnderlined = (one) =>
    [one, ...one.querySelectorAll('*')].some((part) => getComputedStyle(part).textDecorationLine.includes('underline'));
  const found = [];
  for (const one of document.querySelectorAll('button, a[href], select, input:not([type=hidden])')) {
    const isNative = one.matches('input[type=radio], input[type=checkbox]') && getComputedStyle(one).appearance !== 'none';
    const isHome = one.matches('.brand');
    if (!isNative && !isHome && !isLined(one) && !isUnderlined(one)) {
      found.push(`neither lined nor underlined: ${one.outerHTML.slice(0, 100)}`);
    }
  }
  for (const one of document.querySelectorAll('.error-summary, .notice, .panel, .tag')) {
    if (!isLined(one)) found.push(`not lined: ${one.outerHTML.slice(0, 100)}`);
  }
  for (const one of document.querySelectorAll('.wrong')) {
    if (parseFloat(getComputedStyle(one).borderLeftWidth) < 3) found.push(`not marked: ${one.outerHTML.slice(0, 100)}`);
  }
  return found;
}

/** What nobody sees when the system chooses the colours. */
export async function colourComplaints(page) {
  await page.emulateMedia({ media: 'screen', forcedColors: 'active' });
  return page.evaluate(unmarked);
}
