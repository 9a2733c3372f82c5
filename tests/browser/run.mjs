// Starts a demo of its own, runs every *.test.mjs of this folder against it, and ends it.
// Words on the command line choose the files whose name contains one of them.
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { Demo } from './demo.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
// Only a hang takes as long: the machine may be busy with other things.
const fileMillis = 1_200_000;

async function chosenFiles(words) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.test.mjs')).sort();
  return names
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .map((name) => join(folder, name));
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
  const demo = await Demo.start();
  const stopped = () => demo.process.kill('SIGTERM');
  process.once('SIGINT', stopped).once('SIGTERM', stopped);
  try {
    process.env.SUNBEON_BASE = demo.base;
    process.env.SUNBEON_DATA = demo.data;
    const counts = await runFiles(files);
    if (counts.passed === 0 && counts.failed === 0) throw new Error('no test was run');
    console.log(`browser: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    if (counts.failed > 0) throw new Error('browser tests failed');
    await demo.stop();
  } catch (error) {
    await demo.complain();
    throw error;
  } finally {
    await demo.end();
  }
}

main().catch((error) => {
  console.error(`tests/browser/run.mjs: ${error.message}`);
  process.exitCode = 1;
});
