// Starts a demo of its own, runs every *.test.mjs of this folder against it, and ends it.
// Words on the command line choose the files whose name contains one of them.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const executable = process.env.SUNBEON_BIN ?? join(folder, '../../target/debug/sunbeon');
const startMillis = 60_000;
const stopMillis = 15_000;
const fileMillis = 300_000;

async function chosenFiles(words) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.test.mjs')).sort();
  return names
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .map((name) => join(folder, name));
}

/** Starts the demo in `home`; answers its address and process once it is ready to serve. */
async function startDemo(home) {
  const data = join(home, 'data');
  const logPath = join(home, 'demo.log');
  const log = createWriteStream(logPath);
  const demo = spawn(
    executable,
    ['demo', '--listen', '127.0.0.1:0', '--data', data, '--sites', '40', '--seed', '7'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const address = new Promise((found, failed) => {
    let printed = '';
    demo.on('error', failed);
    demo.on('exit', (code, signal) => failed(new Error(`the demo ended early (${code ?? signal})`)));
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.on('data', (bytes) => {
        log.write(bytes);
        printed += bytes;
        // The port must be complete: something has to follow it.
        const match = /http:\/\/127\.0\.0\.1:(\d+)[^\d]/.exec(printed);
        if (match) found(`http://127.0.0.1:${match[1]}`);
      });
    }
  });
  // Kept even when starting fails, so that the caller can end the process and show what it said.
  return { demo, data, logPath, base: within(startMillis, address, 'the demo printed no address') };
}

async function within(millis, promise, complaint) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`${complaint} within ${millis / 1000} s`)), millis);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function untilReady(base) {
  const end = Date.now() + startMillis;
  for (;;) {
    const answer = await fetch(`${base}/readyz`).catch((error) => ({ ok: false, status: error.message }));
    if (answer.ok) return;
    if (Date.now() > end) throw new Error(`${base}/readyz still answers ${answer.status}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

async function endDemo(demo) {
  if (demo.pid === undefined || demo.exitCode !== null || demo.signalCode !== null) return;
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  demo.kill('SIGTERM');
  await within(stopMillis, ended, 'the demo did not end').catch(async (error) => {
    demo.kill('SIGKILL');
    await ended;
    throw error;
  });
}

/** Runs the files one after the other: they share one demo, and the machine may be small. */
async function runFiles(files) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const stream = run({ files, concurrency: 1, timeout: fileMillis });
  const isTest = (event) => event.details?.type !== 'suite' && !files.includes(event.name);
  stream.on('test:pass', (event) => {
    if (event.skip !== undefined || event.todo !== undefined) counts.skipped += 1;
    else if (isTest(event)) counts.passed += 1;
  });
  stream.on('test:fail', () => (counts.failed += 1));
  for await (const text of stream.compose(new spec())) process.stdout.write(text);
  return counts;
}

async function main() {
  const files = await chosenFiles(process.argv.slice(2));
  if (files.length === 0) throw new Error('no *.test.mjs was found: a run that tests nothing has failed');
  const home = await mkdtemp(join(tmpdir(), 'sunbeon-browser-'));
  const started = await startDemo(home);
  const stopped = () => started.demo.kill('SIGTERM');
  process.once('SIGINT', stopped).once('SIGTERM', stopped);
  try {
    process.env.SUNBEON_BASE = await started.base;
    process.env.SUNBEON_DATA = started.data;
    await untilReady(process.env.SUNBEON_BASE);
    const counts = await runFiles(files);
    if (counts.passed === 0 && counts.failed === 0) throw new Error('no test was run');
    console.log(`browser: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    if (counts.failed > 0) throw new Error('browser tests failed');
    await endDemo(started.demo);
  } catch (error) {
    const said = (await readFile(started.logPath, 'utf8').catch(() => '')).split('\n').slice(-40).join('\n');
    console.error(`\nWhat the demo said last:\n${said}`);
    throw error;
  } finally {
    await endDemo(started.demo);
    await rm(home, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(`tests/browser/run.mjs: ${error.message}`);
  process.exitCode = 1;
});
