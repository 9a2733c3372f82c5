// Debian's Firefox, driven by the protocol that it brings along (Marionette): it reads and types from outside the page, so
// that a page without JavaScript can be used.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const startMillis = 180_000;
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

/** No script in pages, and nothing that Firefox itself would ask the network for. */
const preferences = {
  'javascript.enabled': false,
  'marionette.port': 0,
  'intl.accept_languages': 'ko-KR, ko',
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};

async function until(look, what) {
  const end = Date.now() + startMillis;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${startMillis / 1000} s`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

export class Firefox {
  #waiting = new Map();
  #received = Buffer.alloc(0);
  #last = 0;

  /** Starts Firefox without a window. */
  static async start() {
    const firefox = new Firefox();
    firefox.profile = await mkdtemp(join(tmpdir(), 'sunbeon-firefox-'));
    try {
      await firefox.#run();
    } catch (error) {
      await firefox.end();
      throw error;
    }
    return firefox;
  }

  async #run() {
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
    await writeFile(join(this.profile, 'user.js'), lines.join('\n'));
    const executable = process.env.SUNBEON_TEST_FIREFOX ?? '/usr/bin/firefox-esr';
    const options = ['--headless', '--no-remote', '--marionette', '--profile', this.profile];
    this.process = spawn(executable, options, { stdio: 'ignore', env: { ...process.env, HOME: this.profile } });
    const failed = new Promise((_, refuse) => {
      this.process.once('error', refuse);
      this.process.once('exit', (code) => refuse(new Error(`Firefox ended (${code})`)));
    });
    failed.catch(() => {});
    const file = join(this.profile, 'MarionetteActivePort');
    const port = await Promise.race([failed, until(() => readFile(file, 'utf8').catch(() => ''), 'the port of Firefox')]);
    this.socket = connect(Number(port), '127.0.0.1');
    this.socket.on('data', (bytes) => this.#read(bytes));
    const lost = () => this.#waiting.forEach(({ failed }) => failed(new Error('Firefox hung up')));
    this.socket.on('error', lost).on('close', lost);
    await this.order('WebDriver:NewSession', { capabilities: { alwaysMatch: { pageLoadStrategy: 'normal' } } });
  }

  /** Every message is its length, a colon, and JSON; the first one only greets. */
  #read(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(this.#received.subarray(0, colon));
      if (this.#received.length < end) return;
      const message = JSON.parse(this.#received.subarray(colon + 1, end));
      this.#received = this.#received.subarray(end);
      if (!Array.isArray(message)) continue;
      const [, id, error, result] = message;
      const { done, failed } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) failed(new Error(`${error.error}: ${error.message}`));
      else done(result);
    }
  }

  /** Gives an order and waits for its result. */
  order(name, parameters = {}) {
    this.#last += 1;
    const id = this.#last;
    const text = Buffer.from(JSON.stringify([0, id, name, parameters]));
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      this.socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
    });
  }

  open(url) {
    return this.order('WebDriver:Navigate', { url });
  }

  async find(selector) {
    const found = await this.order('WebDriver:FindElement', { using: 'css selector', value: selector });
    return found.value[elementKey];
  }

  async findAll(selector) {
    const found = await this.order('WebDriver:FindElements', { using: 'css selector', value: selector });
    return found.map((one) => one[elementKey]);
  }

  async text(selector) {
    return (await this.order('WebDriver:GetElementText', { id: await this.find(selector) })).value;
  }

  async attribute(selector, name) {
    return (await this.order('WebDriver:GetElementAttribute', { id: await this.find(selector), name })).value;
  }

  async address() {
    return (await this.order('WebDriver:GetCurrentURL')).value;
  }

  async press(selector) {
    await this.order('WebDriver:ElementClick', { id: await this.find(selector) });
  }

  /** Types into fields by their names. */
  async fill(values) {
    for (const [name, text] of Object.entries(values)) {
      const id = await this.find(`[name="${name}"]`);
      await this.order('WebDriver:ElementClear', { id });
      await this.order('WebDriver:ElementSendKeys', { id, text });
    }
  }

  /** Writes the whole page as a picture. */
  async screenshot(path) {
    const taken = await this.order('WebDriver:TakeScreenshot', { full: true, hash: false });
    await writeFile(path, Buffer.from(taken.value, 'base64'));
  }

  async end() {
    this.socket?.destroy();
    if (this.process?.pid !== undefined && this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill('SIGTERM');
      await ended;
    }
    // Firefox may still be writing for a moment.
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
