// The messages that a demo has sent.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const waitMillis = 60_000;

/** A phone number's digits as written in Korea, so that +82 10-... and 010-... are the same. */
function digits(phone) {
  return phone.replace(/^\+82[\s-]*0?/, '0').replace(/\D/g, '');
}

export class Mailbox {
  #givenOut = new Set();

  /** The messages of the demo that keeps its data in this directory. */
  constructor(data) {
    this.path = join(data, 'messages.jsonl');
  }

  /** All of them, the oldest first: `{ id, at, channel, to, kind, lang, text, subject, attachments }`. */
  async messages() {
    const text = await readFile(this.path, 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // The last line may still be in writing.
    return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** Waits for a message that `matches`, and answers the newest such. */
  async awaitMessage(matches, what = 'such a message') {
    const end = Date.now() + waitMillis;
    for (;;) {
      const found = (await this.messages()).filter(matches).at(-1);
      if (found) return found;
      if (Date.now() > end) throw new Error(`${what} was not sent within ${waitMillis / 1000} s`);
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  /** Waits for the newest message of this kind to this phone. */
  messageTo(phone, kind) {
    return this.awaitMessage(
      (message) => message.kind === kind && digits(message.to) === digits(phone),
      `a message of kind "${kind}" to ${phone}`,
    );
  }

  /** The six digits of the newest one-time code sent to this phone or address. A code is given out once, so the next
   * call waits for the next. */
  async oneTimeCode(to) {
    const isTo = (message) => message.to === to || (digits(to) !== '' && digits(message.to) === digits(to));
    const message = await this.awaitMessage(
      (sent) => ['code', 'email-check', 'cancel-code'].includes(sent.kind) && isTo(sent) && !this.#givenOut.has(sent.id),
      `a one-time code to ${to}`,
    );
    this.#givenOut.add(message.id);
    const code = /(?<!\d)\d{6}(?!\d)/.exec(message.text);
    if (!code) throw new Error(`message ${message.id} holds no six digits`);
    return code[0];
  }
}
