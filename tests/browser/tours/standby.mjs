// Leftover doses: asked for, offered and taken; the clinic that has some, and its day.
import { signIn } from './clinic.mjs';

const waiting = '010-0000-7205';

/** The clock in Seoul, `17:30`, so many minutes from now. */
const clock = (demo, minutes) => new Date((demo.now() + 9 * 3600 + minutes * 60) * 1000).toISOString().slice(11, 16);

/** Somebody asks to be told; a clinic has a dose left; it is taken. */
export async function standingBy(first, site) {
  const { demo } = first;
  // Late in the evening, no time is left today.
  if (clock(demo, 0) > '22:30') await demo.pass(120);
  const tour = await first.another();
  await tour.open('/sign-in?next=%2Fstandby');
  await tour.signIn(waiting);
  await tour.keep('standby, nothing asked for');
  await tour.open('/standby/new', 'standby-ask, nobody in the list');
  await tour.open('/people/new?relation=me');
  await tour.describe({ name: '최정', birth: '1980-5-6' });
  await tour.press();
  await asking(tour, site, true);
  await theDay(first, site);
  const nurse = await first.another();
  await announcing(nurse, site);
  const message = await tour.mailbox.messageTo(waiting, 'offer');
  const link = /\/offer\/\S+/.exec(message.text)[0];
  await tour.open('/standby', 'standby, an offer');
  await tour.open(link, 'offer');
  await tour.alter('main form button[value=take]', 'value', 'perhaps');
  await tour.press('main form button', 'offer, no answer of ours', 422);
  await tour.press('main form button[value=take]', 'offer, taken');
  await nurse.open(`/clinic/${site}/leftovers`, 'clinic-leftovers, taken');
  await nurse.press('main form:has([value=end]) button', 'clinic-leftovers, over');
  await nurse.end();
  await asking(tour, site, false);
  await tour.press('main form[action="/standby/end"] button', 'standby, no more');
  await tour.open('/standby/order', 'standby-order');
  await tour.open('/standby/order?day=2099-01-01', 'standby-order, a day that is not over', 422);
  await tour.end();
}

async function asking(tour, site, keeps) {
  const [[name]] = await tour.demo.sql(`SELECT name FROM site WHERE code = '${site}'`);
  await tour.open('/standby/new', keeps ? 'standby-ask' : undefined);
  await tour.tick('campaign=covid-19');
  if (keeps) {
    await tour.fill({ near: 'qqq' });
    await tour.press('main form[method=get] button', 'standby-ask, nothing found');
  }
  await tour.fill({ near: name });
  await tour.press('main form[method=get] button', keeps ? 'standby-ask, places' : undefined);
  if (keeps) await tour.press('main form[method=post] button', 'standby-ask, nothing chosen', 422);
  await tour.tick(`site=${site}`, 'metres=0');
  await tour.press('main form[method=post] button', keeps ? 'standby, asked' : undefined);
}

async function theDay(first, site) {
  const nurse = await first.another();
  await signIn(nurse, 'clinic');
  await nurse.open(`/clinic/${site}`, 'clinic-day');
  await nurse.fill({ q: 'qqq' });
  await nurse.press('main form[role=search] button', 'clinic-find, nobody', 422);
  await nurse.open(`/clinic/${site}/roster?state=cancelled`, 'clinic-roster, of one state');
  await nurse.open(`/clinic/${site}/end`, 'clinic-end');
  await nurse.end();
}

async function announcing(nurse, site) {
  const [[product]] = await nurse.demo.sql(`SELECT campaign.id || '-' || campaign_product.product FROM campaign
    JOIN campaign_product ON campaign_product.campaign = campaign.id
    JOIN site_product ON site_product.product = campaign_product.product JOIN site ON site.id = site_product.site
    WHERE campaign.slug = 'covid-19' AND site.code = '${site}' LIMIT 1`);
  await signIn(nurse, 'clinic');
  await nurse.open(`/clinic/${site}/leftovers`, 'clinic-leftovers, none');
  await nurse.press(undefined, 'clinic-leftovers, nothing typed', 422);
  await nurse.page.selectOption('[name=product]', product);
  await nurse.fill({ doses: '1', until: clock(nurse.demo, 60) });
  await nurse.press(undefined, 'clinic-leftovers, being asked');
}
