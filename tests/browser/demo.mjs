// A demo of its own for a test: started in a new folder, its clock moved, its database held or changed, ended.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Mailbox } from './mailbox.mjs';

const executable =
  process.env.SUNBEON_BIN ?? join(dirname(fileURLToPath(import.meta.url)), '../../target/debug/sunbeon');
const clockLibraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64'].map((folder) =>
  join(folder, 'faketime/libfaketimeMT.so.1'),
);
const startMillis = 180_000;
const stopMillis = 60_000;

/** Answers as `promise` does, and fails with `complaint` when that takes too long. */
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

/** The library that lets a program's clock be moved without touching the machine's. */
async function clockLibrary() {
  for (const path of clockLibraries) {
    if (await access(path).then(() => true, () => false)) return path;
  }
  throw new Error('libfaketimeMT.so.1 is missing: install the Debian package libfaketime');
}

/** Statements on the demo's database, as an operator would type them. Python has SQLite on every Debian machine. */
const sqlScript = `
import json, sqlite3, sys
conn = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
print(json.dumps(conn.execute(sys.argv[2]).fetchall()), flush=True)
if len(sys.argv) > 3:
    sys.stdin.read()
`;

export class Demo {
  /** The address, without a slash at the end. */
  base;

  constructor(home) {
    this.home = home;
    this.data = join(home, 'data');
    this.logPath = join(home, 'demo.log');
    this.clockPath = join(home, 'clock');
    this.minutes = 0;
    this.mailbox = new Mailbox(this.data);
  }

  /** Starts a demo with `sites` sites and waits until it serves. With `movable` its clock can be moved. */
  static async start({ sites = 40, movable = false } = {}) {
    const demo = new Demo(await mkdtemp(join(tmpdir(), 'sunbeon-browser-')));
    try {
      await demo.#run(sites, movable);
    } catch (error) {
      await demo.complain();
      await demo.end();
      throw error;
    }
    return demo;
  }

  async #run(sites, movable) {
    const env = { ...process.env };
    if (movable) {
      await this.#setClock();
      Object.assign(env, {
        LD_PRELOAD: await clockLibrary(),
        FAKETIME_TIMESTAMP_FILE: this.clockPath,
        FAKETIME_NO_CACHE: '1',
        // Time-outs and intervals go on as they were.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
      });
    }
    const place = ['--listen', '127.0.0.1:0', '--data', this.data];
    const country = ['--sites', String(sites), '--seed', '7'];
    this.process = spawn(executable, ['demo', ...place, ...country], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.base = await within(startMillis, this.#address(), 'the demo printed no address');
    const end = Date.now() + startMillis;
    for (;;) {
      const answer = await fetch(`${this.base}/readyz`).catch((error) => ({ ok: false, status: error.message }));
      if (answer.ok) return;
      if (Date.now() > end) throw new Error(`${this.base}/readyz still answers ${answer.status}`);
      await new Promise((later) => setTimeout(later, 100));
    }
  }

  #address() {
    const log = createWriteStream(this.logPath);
    return new Promise((found, failed) => {
      let printed = '';
      this.process.on('error', failed);
      this.process.on('exit', (code, signal) => failed(new Error(`the demo ended early (${code ?? signal})`)));
      for (const stream of [this.process.stdout, this.process.stderr]) {
        stream.on('data', (bytes) => {
          log.write(bytes);
          printed += bytes;
          // The port must be complete: something has to follow it.
          const match = /http:\/\/127\.0\.0\.1:(\d+)[^\d]/.exec(printed);
          if (match) found(`http://127.0.0.1:${match[1]}`);
        });
      }
    });
  }

  /** Moves the clock on. Sent codes, holds and appointments grow old; connections don't notice. */
  async pass(minutes) {
    this.minutes += minutes;
    await this.#setClock();
  }

  #setClock() {
    return writeFile(this.clockPath, `+${this.minutes * 60}\n`);
  }

  /** What time it is in the demo, in seconds since 1970. */
  now() {
    return Math.floor(Date.now() / 1000) + this.minutes * 60;
  }

  /** Runs a statement on the database behind the demo's back; answers the rows. */
  async sql(statement) {
    const python = this.#python(statement);
    let said = '';
    python.stdout.on('data', (bytes) => (said += bytes));
    const code = await new Promise((ended) => python.once('close', ended));
    if (code !== 0) throw new Error(`the database did not take ${statement}`);
    return JSON.parse(said);
  }

  /** Keeps everybody else from writing to the database while `story` runs. */
  async whileLocked(story) {
    const python = this.#python('BEGIN EXCLUSIVE', 'hold');
    await within(stopMillis, new Promise((held) => python.stdout.once('data', held)), 'the database was not locked');
    const ended = new Promise((resolve) => python.once('exit', resolve));
    try {
      await story();
    } finally {
      python.stdin.end();
      await ended;
    }
  }

  #python(...args) {
    return spawn('python3', ['-c', sqlScript, join(this.data, 'sunbeon.db'), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  /** Shows what the demo said last. */
  async complain() {
    const said = (await readFile(this.logPath, 'utf8').catch(() => '')).split('\n').slice(-40).join('\n');
    console.error(`\nWhat the demo said last:\n${said}`);
  }

  /** Stops the demo, and fails when it does not stop by itself. */
  async stop() {
    const demo = this.process;
    if (demo?.pid === undefined || demo.exitCode !== null || demo.signalCode !== null) return;
    const ended = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGTERM');
    await within(stopMillis, ended, 'the demo did not end').catch(async (error) => {
      demo.kill('SIGKILL');
      await ended;
      throw error;
    });
  }

  /** Stops it and removes its folder. */
  async end() {
    try {
      await this.stop();
    } finally {
      await rm(this.home, { recursive: true, force: true });
    }
  }
}
