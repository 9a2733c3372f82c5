// Everything a visitor can see, in one language, from a demo of its own.
import { Demo } from '../demo.mjs';
import { newBrowser } from '../harness.mjs';
import { Album, Tour } from '../tour.mjs';
import { aboutMe, beingCaredFor, beingOver, cancelling, changing, finding } from './afterwards.mjs';
import { clinic } from './clinic.mjs';
import { bookingForOne, bookingForSix, bookingForTwo, bookingTwice, comingTooLate, listing } from './family.mjs';
import { comingBackLate, losingTheCookie, signingIn } from './signing-in.mjs';
import { standing } from './line.mjs';
import { standingBy } from './standby.mjs';
import { closing, looking, problems, waiting } from './visiting.mjs';

/** The album of a language. */
export async function takeAll(language) {
  const album = await Album.of(language);
  const demo = await Demo.start({ movable: true });
  const browser = await newBrowser();
  let tour;
  try {
    tour = await Tour.begin(browser, demo, album);
    const [[site]] = await demo.sql('SELECT code FROM site ORDER BY id LIMIT 1');
    await looking(tour);
    await signingIn(tour);
    await losingTheCookie(tour);
    await comingBackLate(tour);
    await clinic(tour, site);
    await listing(tour);
    const references = await bookingForTwo(tour, site);
    const ofMother = await bookingForOne(tour, site);
    await bookingTwice(tour, site);
    await bookingForSix(tour, site);
    await changing(tour, references);
    await aboutMe(tour);
    await finding(tour, ofMother);
    await cancelling(tour, references);
    await problems(tour);
    await waiting(tour);
    await standing(tour);
    await beingOver(tour, ofMother);
    await standingBy(tour, site);
    await beingCaredFor(tour);
    await closing(tour, await comingTooLate(tour, site));
    await demo.stop();
  } catch (error) {
    console.error(`The tour in ${language} stopped at ${tour?.page.url()} after ${album.pages.at(-1)?.name}`);
    await demo.complain();
    throw error;
  } finally {
    await browser.close();
    await demo.end();
  }
  return album;
}
