// What a page is made of and what it weighs: no script, nothing from elsewhere, one round trip.
import { allRoutes, allTemplates } from '../tour.mjs';

/** What fits into the first flight of a connection: ten segments, less what TLS takes. */
const wireBytesMax = 14_000;

const forbidden = [
  [/<script\b/i, 'a script'],
  [/<[^>]*\son[a-z]+\s*=/i, 'an inline handler'],
  [/<[^>]*\sstyle\s*=/i, 'an inline style'],
  [/(?:href|src|action|formaction|poster|srcset)="(?:javascript:|data:|https?:|\/\/)/i, 'an address elsewhere'],
  [/<(?:iframe|object|embed|base)\b/i, 'a frame or an object'],
];

/** What is wrong with the bytes of a page. */
export function sourceComplaints(kept) {
  const complaints = forbidden.filter(([pattern]) => pattern.test(kept.html)).map(([, what]) => `has ${what}`);
  if (kept.wireBytes >= wireBytesMax) complaints.push(`has ${kept.wireBytes} bytes on the wire`);
  if (!/^default-src 'none'/.test(kept.headers['content-security-policy'] ?? '')) complaints.push('lacks its policy');
  return complaints;
}

/** Templates and addresses that no visit of the album has seen: whoever adds a page adds a visit. */
export async function unseen({ pages, asked }) {
  const seen = new Set(pages.map((page) => page.template));
  const templates = (await allTemplates()).filter((template) => !seen.has(template));
  const routes = (await allRoutes()).filter((route) => ![...asked].some((path) => route.matches.test(path)));
  return [...templates.map((name) => `templates/pages/${name}.html`), ...routes.map((route) => route.path)];
}
