// What anybody can open, and what goes wrong.

/** Pages that need nobody. */
export async function looking(tour) {
  await tour.open('/', 'home');
  await tour.open('/language', 'language');
  await tour.open('/campaigns/flu', 'campaign, by birth year');
  await tour.open('/campaigns/covid-19', 'campaign');
  await tour.open('/demo/messages?to=010-0000-9999', 'demo-messages, none');
}

export async function problems(first) {
  const tour = await first.another();
  await tour.open('/demo/messages', 'demo-messages');
  await tour.open('/no/such/page', 'problem, not found', 404);
  await tour.open('/demo/problems/busy', 'problem, too much to do', 503);
  await tour.open('/demo/problems/broken', 'problem, a fault of ours', 500);
  await tour.open('/demo/problems/slow-form', 'problem, the form came too slowly', 408);
  await tour.open('/find');
  await tour.alter('main form', 'action', '/');
  await tour.press(undefined, 'problem, wrong verb', 405);
  await tour.open('/find');
  await tour.alter('header form', 'enctype', 'multipart/form-data');
  await tour.press('header form button', 'problem, no form of ours', 400);
  await tour.open('/find');
  await tour.page.context().clearCookies();
  await tour.press(undefined, 'problem, the form is too old', 409);
  await tour.page.goto('about:blank');
  await tour.page.setContent(`<form method="post" action="${tour.demo.base}/find"><button>x</button></form>`);
  await tour.press('form button', 'problem, a form from elsewhere', 403);
  await tour.open('/sign-in');
  await tour.fill({ phone: '010-0000-7301' });
  await tour.demo.whileLocked(() => tour.press(undefined, 'problem, the database does not answer', 503));
  await tour.end();
}

/** The evening for which places were drawn: asking for one's turn, waiting, and coming in. */
export async function waiting(first) {
  const phone = '010-0000-7401';
  const tour = await first.another();
  await tour.open('/campaigns/flu');
  await tour.press('main a[href^="/door/"]', 'door');
  await tour.press(undefined, 'door, no number', 422);
  await tour.fill({ phone });
  await tour.press(undefined, 'wait');
  const group = tour.path;
  await tour.press('main a[href$="stay=1"]', 'wait, without looking again');
  const now = tour.demo.now();
  const [[before]] = await tour.demo.sql('SELECT opens_at FROM opening');
  await moveOpening(tour, now - 60);
  const nearly = '9223372036854775000';
  await tour.demo.sql(`UPDATE door_state SET threshold = NULL, paused = TRUE, note_ko = '잠시 점검합니다.', note_en = 'We check.'`);
  await until(async () => (await tour.open(group), (await tour.text()).match(/점검|check/)));
  await tour.keep('wait, the door stands still');
  await tour.demo.sql(`UPDATE door_state SET threshold = ${nearly}`);
  await until(async () => (await tour.open(group), (await tour.count('main a.button[href^="/door/"]')) > 0));
  await tour.keep('wait, it is their turn');
  await tour.press('main a.button');
  await tour.fill({ phone });
  await tour.press();
  await tour.fill({ code: await tour.mailbox.oneTimeCode(phone) });
  await tour.press(undefined, 'door, coming in');
  await tour.press();
  if (!tour.path.startsWith('/book/flu/who')) throw new Error(`the door led to ${tour.path}`);
  await moveOpening(tour, before);
  await beforeTheDraw(tour);
  await tour.open('/draw/flu-evening', 'draw');
  const unpublished = await tour.text();
  await withParties(tour, now);
  await tour.demo.sql(`UPDATE opening SET published_at = ${now}`);
  await tour.demo.sql(noted);
  await until(async () => (await tour.open('/draw/flu-evening'), (await tour.text()) !== unpublished));
  await tour.keep('draw, published');
  await tour.end();
}

/** Parties that committed to seeds, one of which never revealed it, and a beacon: long numbers on a small screen. */
async function withParties(tour, now) {
  for (const number of [1, 2, 3, 4, 5]) {
    await tour.demo.sql(`INSERT INTO draw_party (id, opening, number, name_ko, name_en, outside, commitment, committed_at, revealed_at)
      SELECT ${number}, id, ${number}, '${number}번째 참관 기관', 'Observer ${number}', TRUE, randomblob(32), ${now - 9000}, ${number < 5 ? now - 8000 : 'NULL'}
      FROM opening`);
  }
  await tour.demo.sql(`UPDATE opening SET beacon = 'drand, round 4242', beacon_named_at = ${now - 9500}, beacon_at = ${now - 7200},
    beacon_value = randomblob(32)`);
}

/** Being told by text message when the turn is, or not, as long as the lots are not drawn. */
async function beforeTheDraw(tour) {
  const offers = async () => (await tour.open('/door/flu-evening'), (await tour.count('main button[name=tell]')) > 0);
  await tour.demo.sql('CREATE TABLE kept_draw AS SELECT id, draw_key_sealed, fingerprint FROM opening');
  await tour.demo.sql('UPDATE opening SET draw_key_sealed = NULL, fingerprint = NULL');
  await tour.demo.sql(noted);
  await until(async () => (await tour.open('/door/flu-evening'), (await tour.count('main a[href="/people"]')) > 0));
  await tour.keep('door, before the draw');
  await tour.open('/people/new?relation=me');
  await tour.describe({ name: '김민지', birth: '1980-5-6' });
  await tour.press();
  await tour.open('/door/flu-evening', 'door, prepared');
  await tour.press('main button[name=tell]', 'door, not to be told by text message');
  const kept = (column) => `${column} = (SELECT ${column} FROM kept_draw WHERE kept_draw.id = opening.id)`;
  await tour.demo.sql(`UPDATE opening SET ${kept('draw_key_sealed')}, ${kept('fingerprint')}`);
  await tour.demo.sql('DROP TABLE kept_draw');
  await tour.demo.sql(noted);
  await until(async () => !(await offers()));
}

async function moveOpening(tour, opensAt) {
  await tour.demo.sql(`UPDATE opening SET opens_at = ${opensAt}, joins_from = MIN(joins_from, ${opensAt})`);
  await tour.demo.sql(noted);
  const isMoved = async () => (await (await fetch(`${tour.demo.base}/wait/flu-evening/status.json`)).json()).opens_at;
  const wanted = new Date(opensAt * 1000).toISOString().replace('.000', '');
  await until(async () => (await isMoved()) === wanted);
}

/** Asks again and again until it is so. */
export async function until(isSo, millis = 60_000) {
  const end = Date.now() + millis;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('the demo does not notice');
    await new Promise((later) => setTimeout(later, 200));
  }
}

/** Tells the demo that another process changed campaigns or openings. */
export const noted = `INSERT INTO change_counter VALUES (2000000, 1, 1)
    ON CONFLICT (writer) DO UPDATE SET value = value + 1`;

/** Campaigns that open later, and then are over. `holder` is somebody who holds a seat. */
export async function closing(tour, holder) {
  const now = tour.demo.now();
  await moveCampaigns(tour, `opens_at = ${now + 86_400}, closes_at = ${now + 172_800} WHERE slug = 'flu'`);
  await tour.open('/', 'home, one opens soon');
  await tour.open('/campaigns/flu', 'campaign, opens soon');
  await moveCampaigns(tour, `opens_at = ${now + 86_400}, closes_at = ${now + 172_800} WHERE slug = 'covid-19'`);
  await tour.open('/book', 'book-start, all open later');
  await moveCampaigns(tour, `opens_at = ${now - 172_800}, closes_at = ${now - 86_400}`);
  await tour.open('/', 'home, nothing to book');
  await tour.open('/campaigns/flu', 'campaign, over');
  await tour.open('/book', 'book-start, nothing');
  await tour.open('/book/flu/who', 'book-who, over');
  await holder.press('form[action$="/confirm"] button', 'hold-over, the campaign is over');
  await holder.end();
}

/** Moves campaigns and waits until the first page shows it: another process's changes are noticed within a second. */
async function moveCampaigns(tour, change) {
  await tour.open('/campaigns/flu');
  const before = [await tour.text(), await textOf(tour, '/campaigns/covid-19')].join();
  await tour.demo.sql(`UPDATE campaign SET ${change}`);
  await tour.demo.sql(noted);
  const end = Date.now() + 60_000;
  while ([await textOf(tour, '/campaigns/flu'), await textOf(tour, '/campaigns/covid-19')].join() === before) {
    if (Date.now() > end) throw new Error(`the demo does not notice: ${change}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

async function textOf(tour, path) {
  await tour.open(path);
  return tour.text();
}
