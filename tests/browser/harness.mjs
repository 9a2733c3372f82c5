// What a browser test needs: the running demo, a browser without JavaScript, the messages that were sent, pictures.
//
//   import { test } from 'node:test';
//   import { base, withPage } from './harness.mjs';
//   test('a daughter signs in', () => withPage({}, async (page) => {
//     await page.goto(base);
//   }));
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Mailbox } from './mailbox.mjs';

const require = createRequire(import.meta.url);
const folder = dirname(fileURLToPath(import.meta.url));
const checkerJar = join(dirname(require.resolve('vnu-jar/package.json')), 'build/dist/vnu.jar');
const waitMillis = 60_000;

/** The demo's address, without a slash at the end. */
export const base = required('SUNBEON_BASE');

/** The demo's data directory. */
export const data = required('SUNBEON_DATA');

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the tests with node tests/browser/run.mjs`);
  return value;
}

/** A Chromium of its own; the caller closes it. */
export function newBrowser() {
  return chromium.launch({
    executablePath: process.env.SUNBEON_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * A page in a context of its own (its own cookies), in Korean, as wide as a phone, and without JavaScript unless
 * `options` (those of Playwright's `newContext`) say otherwise. A request to another origin is an error of the page: see
 * `foreignRequests`.
 */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    viewport: { width: 360, height: 740 },
    ...options,
  });
  context.setDefaultTimeout(waitMillis);
  const page = await context.newPage();
  const foreign = [];
  foreignOf.set(page, foreign);
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== base) foreign.push(request.url());
  });
  return page;
}
const foreignOf = new WeakMap();

/** The addresses outside the demo that a page asked for. It should ask for none. */
export function foreignRequests(page) {
  return foreignOf.get(page) ?? [];
}

/**
 * Runs `story(page, browser)` in a fresh browser and closes it. Fails too when the page asked another origin for
 * something; a story that fails leaves a picture of where it stood.
 */
export async function withPage(options, story) {
  const browser = await newBrowser();
  try {
    const page = await newPage(browser, options);
    try {
      await story(page, browser);
    } catch (error) {
      await screenshot(page, `failed-${Date.now()}`).catch(() => {});
      console.error(`The story stopped at ${page.url()}`);
      throw error;
    }
    const foreign = foreignRequests(page);
    if (foreign.length > 0) throw new Error(`the page asked elsewhere: ${foreign.join(', ')}`);
  } finally {
    await browser.close();
  }
}

/** Writes the whole page as a picture to tests/browser/shots/`name`.png, and answers the path. */
export async function screenshot(page, name) {
  const path = join(folder, 'shots', `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path, fullPage: true });
  return path;
}

/** The messages of that demo. */
export const mailbox = new Mailbox(data);

/**
 * What the Nu checker says against pages, given as `{ name: html }`: errors and warnings, one sentence each; empty when all
 * are valid. One call for many pages: starting the checker takes seconds, a page a fraction of one.
 */
export async function markupErrors(pages) {
  const folder = await mkdtemp(join(tmpdir(), 'sunbeon-pages-'));
  try {
    const files = Object.entries(pages).map(([name, html]) => ({ path: join(folder, `${name}.html`), html }));
    await Promise.all(files.map(({ path, html }) => writeFile(path, html)));
    const options = ['-jar', checkerJar, '--format', 'json', '--exit-zero-always'];
    const said = await output('java', [...options, ...files.map((file) => file.path)], '');
    return JSON.parse(said.stderr)
      .messages.filter((message) => message.type === 'error' || message.subType === 'warning')
      .map((message) => `${basename(message.url)} line ${message.lastLine}: ${message.message}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A page as the text browser w3m shows it. */
export async function asText(path) {
  return (await output('w3m', ['-dump', '-cols', '80', '-O', 'UTF-8', `${base}${path}`], '')).stdout;
}

function output(command, args, input) {
  return new Promise((done, failed) => {
    const child = spawn(command, args);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', failed);
    child.on('close', (code) =>
      code === 0 ? done({ stdout, stderr }) : failed(new Error(`${command} ended with ${code}: ${stderr}`)),
    );
    child.stdin.end(input);
  });
}
