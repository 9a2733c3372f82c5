// A visitor who keeps every page they see: its bytes as they were sent, and what made it.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newPage } from './harness.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Which template a page is made of, by the type that the demo's header names: `{ 'sunbeon::…::HomePage': 'home' }`. */
async function templatesOfTypes() {
  const found = {};
  const folder = join(root, 'src/web');
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.rs'))) {
    const text = await readFile(join(folder, file), 'utf8');
    const module = file.replace(/(\/mod)?\.rs$/, '').replaceAll('/', '::');
    for (const [, template, name] of text.matchAll(/template\(path = "pages\/([\w-]+)\.html"[^]*?struct (\w+)/g)) {
      found[`sunbeon::web::${module}::${name}`] = template;
    }
  }
  return found;
}

/** Every template of a page. */
export async function allTemplates() {
  const names = await readdir(join(root, 'templates/pages'));
  return names.map((name) => name.replace(/\.html$/, '')).sort();
}

/** The paths of the URL map, as regular expressions, without those for machines and those of files. */
export async function allRoutes() {
  const map = await readFile(join(root, 'src/web/routes.rs'), 'utf8');
  const wait = await readFile(join(root, 'src/web/pages/wait.rs'), 'utf8');
  const paths = [...map.matchAll(/\b(?:Route::new|own|held|draw|page)\(\s*"([^"]+)"/g), wait.match(/PATH: &str = "([^"]+)"/)].map((match) => match[1]);
  const isForPeople = (path) => !/^\/gateways\/|\.\w+$|\/(download|proof|healthz|readyz|metrics)$/.test(path);
  return paths.filter(isForPeople).map((path) => ({ path, matches: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }));
}

/** Pages that were seen, and every address that was asked for on the way. */
export class Album {
  pages = [];
  asked = new Set();

  static async of(language) {
    const album = new Album();
    album.language = language;
    album.types = await templatesOfTypes();
    return album;
  }

  add(page) {
    if (this.pages.some((one) => one.name === page.name)) throw new Error(`two pages are called ${page.name}`);
    this.pages.push(page);
  }
}

export class Tour {
  /** A visitor of `demo` in a browser of its own, on a device in the album's language. */
  static async begin(browser, demo, album) {
    const tour = new Tour();
    const locale = album.language === 'ko' ? 'ko-KR' : 'en-GB';
    tour.page = await newPage(browser, { locale, viewport: { width: 320, height: 740 } });
    Object.assign(tour, { demo, album, mailbox: demo.mailbox });
    tour.page.on('response', (response) => {
      const request = response.request();
      if (!request.isNavigationRequest()) return;
      album.asked.add(new URL(request.url()).pathname);
      tour.answer = response;
    });
    return tour;
  }

  /** Another visitor of the same demo. */
  another() {
    return Tour.begin(this.page.context().browser(), this.demo, this.album);
  }

  end() {
    return this.page.context().close();
  }

  /** Goes to an address; with a name, keeps the page. */
  async open(path, name, status = 200) {
    const answer = await this.page.goto(`${this.demo.base}${path}`);
    // On a machine that is half a second late, strangers are asked to come back: so do we, once.
    if (answer?.status() === 503 && status !== 503) {
      await this.page.waitForTimeout(2_000);
      await this.page.goto(`${this.demo.base}${path}`);
    }
    if (name) await this.keep(name, status);
  }

  /** Presses a link or a button; with a name, keeps the page that comes. `target` is a selector, by default the button
   * of the page's first form. */
  async press(target = 'main form button', name = undefined, status = 200) {
    const control = this.page.locator(target).first();
    await Promise.all([this.page.waitForEvent('load'), control.click()]);
    if (name) await this.keep(name, status);
  }

  /** Types into fields by their names. */
  async fill(values) {
    for (const [name, value] of Object.entries(values)) await this.page.fill(`[name="${name}"]`, value);
  }

  /** Ticks boxes and chooses options: `relation=mother`. */
  async tick(...choices) {
    for (const choice of choices) {
      const [name, value] = choice.split('=');
      await this.page.check(`[name="${name}"][value="${value}"]`);
    }
  }

  /** The path and query of the page. */
  get path() {
    const url = new URL(this.page.url());
    return url.pathname + url.search;
  }

  /** The attribute of the first element that a selector finds. */
  attribute(selector, name) {
    return this.page.locator(selector).first().getAttribute(name);
  }

  count(selector) {
    return this.page.locator(selector).count();
  }

  text() {
    return this.page.locator('main').innerText();
  }

  /** Changes the page before it is sent, as somebody with tools might, or as a page that has become old. */
  alter(selector, change, value) {
    return this.page.locator(selector).first().evaluate((element, [name, to]) => element.setAttribute(name, to), [
      change,
      value,
    ]);
  }

  /** Keeps the page as `name`. Fails when it is another page than the name says (`template, what is special`), or its
   * status is not the wanted one. */
  async keep(name, status = 200) {
    const { answer, album } = this;
    const headers = await answer.allHeaders();
    const template = album.types[(headers['x-page'] ?? '').replace(/<.*/, '')];
    const wanted = name.split(',')[0];
    const where = `${name} at ${this.path}`;
    if (template !== wanted) throw new Error(`${where} is made of ${template}`);
    if (answer.status() !== status) throw new Error(`${where} has the status ${answer.status()}`);
    const [body, sizes] = await Promise.all([answer.body(), answer.request().sizes()]);
    const html = body.toString('utf8');
    if (html.includes('⟨')) throw new Error(`${where} lacks a text`);
    album.add({
      name,
      template,
      status,
      html,
      headers,
      language: album.language,
      url: this.page.url(),
      wireBytes: sizes.responseHeadersSize + sizes.responseBodySize,
    });
  }

  /** Signs in with a phone. A sign-in page is open. */
  async signIn(phone) {
    await this.fill({ phone });
    await this.press();
    await this.fill({ code: await this.mailbox.oneTimeCode(phone) });
    await this.press();
  }

  /** Fills the form about a person. */
  async describe({ name, birth, relation, messages, phone, consent }) {
    const [year, month, day] = birth.split('-');
    await this.fill({ name, 'birth-year': year, 'birth-month': month, 'birth-day': day });
    if (relation) await this.tick(`relation=${relation}`);
    if (messages) await this.tick(`messages=${messages}`);
    if (phone) await this.fill({ phone });
    if (consent) await this.tick('consent=yes');
  }
}
