// Shows every page of an album again in Chromium, as it was sent, and collects what is wrong with it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessComplaints } from './checks/access.mjs';
import { colourComplaints } from './checks/colours.mjs';
import { keyboardComplaints } from './checks/keyboard.mjs';
import { largeLettersComplaints, paperComplaints, smallComplaints } from './checks/layout.mjs';
import { newBrowser } from './harness.mjs';

/** Where the pictures go; not kept in the repository. */
export const shots = join(dirname(fileURLToPath(import.meta.url)), 'shots');

/** What is looked at, in this order: the later ones change the page. */
const kinds = {
  'axe-core finds nothing': async (view) => {
    await view.page.setViewportSize({ width: 320, height: 740 });
    const found = await accessComplaints(view.page);
    await view.shot('phone');
    return found;
  },
  'fits into 320 px and 400 %': (view) => smallComplaints(view.page),
  'fits with letters twice as large': (view) => largeLettersComplaints(view.page),
  'works by the keyboard alone': (view) => keyboardComplaints(view.page),
  'asks nobody else': async (view) => {
    await view.page.setViewportSize({ width: 1280, height: 800 });
    await view.shot('desktop');
    return view.foreign;
  },
  'can be read in forced colours': async (view) => {
    await view.page.setViewportSize({ width: 320, height: 740 });
    const found = await colourComplaints(view.page);
    await view.shot('forced');
    await view.page.emulateMedia({ forcedColors: 'none' });
    return found;
  },
  'can be printed': async (view) => {
    const found = await paperComplaints(view.page, view.kept);
    if (['booking', 'done', 'clinic-sheet'].includes(view.kept.template)) await view.shot('paper');
    await view.page.emulateMedia({ media: 'screen' });
    return found;
  },
};

/** How a page's pictures are called. */
export function fileName(kept) {
  return kept.name.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '');
}

/** A page of a browser that answers everything from `kept`. */
class View {
  foreign = [];

  static async open(browser, folder) {
    const view = new View();
    const context = await browser.newContext({ timezoneId: 'Asia/Seoul' });
    view.folder = folder;
    view.page = await context.newPage();
    await context.route('**/*', (route) => view.#answer(route));
    return view;
  }

  #answer(route) {
    const request = route.request();
    if (request.isNavigationRequest()) {
      const { status, headers, html } = this.kept;
      const { 'content-length': _, ...rest } = headers;
      return route.fulfill({ status, headers: rest, body: html });
    }
    if (new URL(request.url()).origin !== new URL(this.kept.url).origin) this.foreign.push(request.url());
    return route.fulfill({ status: 204, body: '' });
  }

  async show(kept) {
    this.kept = kept;
    this.foreign = [];
    await this.page.goto(kept.url);
  }

  shot(kind) {
    const path = join(this.folder, `${fileName(this.kept)}-${kind}.png`);
    return this.page.screenshot({ path, fullPage: true, timeout: 120_000 });
  }
}

/** Everything that is wrong: `{ kind: ['page: complaint'] }`, each kind there even when all is well. */
export async function complaintsAbout(album) {
  const folder = join(shots, album.language);
  await mkdir(folder, { recursive: true });
  const complaints = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  const browser = await newBrowser();
  try {
    const view = await View.open(browser, folder);
    for (const kept of album.pages) {
      await view.show(kept);
      for (const [kind, look] of Object.entries(kinds)) {
        const found = await look(view);
        complaints[kind].push(...found.map((complaint) => `${kept.name}: ${complaint}`));
      }
    }
  } finally {
    await browser.close();
  }
  return complaints;
}

/** Writes the page on which a person can leaf through all pictures. */
export async function writeIndex(albums) {
  await mkdir(shots, { recursive: true });
  const figure = (language, kept, kind) => {
    const path = `${language}/${fileName(kept)}-${kind}.png`;
    return `<a href="${path}"><img src="${path}" loading="lazy" alt="${kind}"></a>`;
  };
  const sections = albums.flatMap(({ language, pages }) =>
    pages.map((kept) => {
      const pictures = ['phone', 'forced', 'desktop'].map((kind) => figure(language, kept, kind));
      return `<h2>${language}: ${kept.name} <small>${kept.status}, ${kept.wireBytes} bytes</small></h2>\n<p>${pictures.join('')}</p>`;
    }),
  );
  const style = 'body{font-family:sans-serif}img{height:24rem;margin:0 1rem 1rem 0;border:1px solid #999;vertical-align:top}';
  const head = `<!doctype html><meta charset="utf-8"><title>Every page</title><style>${style}</style><h1>Every page</h1>`;
  await writeFile(join(shots, 'index.html'), `${head}\n${sections.join('\n')}\n`);
}
