// The clinic's pages.

/** Signs a member of staff of the demo in. */
export async function signIn(tour, login) {
  await tour.open('/clinic/sign-in');
  await tour.fill({ login, password: `sunny-${login}` });
  await tour.press();
}

/** A day of a clinic, and why a name is opened. */
export async function clinic(first, site) {
  const tour = await first.another();
  await tour.open('/clinic/sign-in', 'clinic-sign-in');
  await tour.press(undefined, 'clinic-sign-in, nothing typed', 422);
  await tour.fill({ login: 'clinic', password: 'wrong' });
  await tour.press(undefined, 'clinic-sign-in, a wrong password', 422);
  await signIn(tour, 'clinic');
  await tour.keep('clinic-sites, two');
  await tour.open(`/clinic/${site}/roster`, 'clinic-roster, today');
  await tour.press('main a[rel=next]', 'clinic-roster');
  const day = /date=([\d-]+)/.exec(tour.path)[1];
  await tour.open(`/clinic/${site}/roster?date=${day}&page=2`, 'clinic-roster, second page');
  await tour.open(`/clinic/${site}/roster?date=2020-01-01`, 'clinic-roster, nobody');
  await tour.open(`/clinic/${site}/roster?date=32.1.`, 'clinic-roster, no date', 422);
  await tour.open(`/clinic/${site}/roster/sheet?date=${day}`, 'clinic-sheet');
  await tour.open(`/clinic/${site}/roster/sheet?date=2020-01-01`, 'clinic-sheet, nobody');
  await tour.open(`/clinic/${site}/roster?date=${day}`);
  await tour.press('.roster a', 'clinic-why');
  await tour.press('main form button', 'clinic-why, no reason', 422);
  await tour.tick('reason=other');
  await tour.press('main form button', 'clinic-why, no words', 422);
  await tour.tick('reason=called');
  await tour.press('main form button', 'clinic-name');
  await tour.press('form[action="/clinic/sign-out"] button', 'clinic-sign-in, signed out');
  await tour.end();
  await others(first, site);
}

async function others(first, site) {
  const nurse = await first.another();
  await signIn(nurse, 'nurse');
  await nurse.open(`/clinic/${site}/roster`, 'problem, somebody else’s clinic', 403);
  await nurse.end();
  const authority = await first.another();
  await signIn(authority, 'authority');
  await authority.keep('clinic-sites');
  await authority.open('/clinic?q=qqq', 'clinic-sites, none');
  await authority.open('/clinic/messages', 'clinic-messages');
  await authority.press('main form button[value=pause]', 'clinic-messages, paused');
  await authority.press('main form button[value=resume]');
  await authority.press('main .panel a', 'clinic-gateway');
  await authority.press(undefined, 'clinic-gateway, nothing typed', 422);
  await authority.fill({ contact: '010-0000-7400' });
  await authority.press(undefined, 'clinic-gateway, a test is on its way');
  await authority.open('/clinic/doors', 'clinic-doors');
  await authority.press('main a.choice', 'clinic-door');
  const door = authority.path;
  await authority.press('main a[href$="sure=open"]', 'clinic-door-sure, everybody');
  await authority.open(`${door}?sure=pause`, 'clinic-door-sure');
  await authority.press('main form button', 'clinic-door, paused');
  await authority.press('main form button[value=resume]', 'clinic-door, going on');
  await authority.open(`${door}?stay=1`, 'clinic-door, without looking again');
  await authority.fill({ people: 'many' });
  await authority.press('main form button[value=pace]', 'clinic-door, no pace', 422);
  await authority.open('/clinic', 'clinic-sites, again');
  await authority.press('main a[href^="/clinic/callers/"]', 'clinic-callers');
  await authority.press(undefined, 'clinic-callers, no number', 422);
  await authority.fill({ phone: '010-0000-7402' });
  await authority.press(undefined, 'clinic-callers, told');
  await authority.end();
}
