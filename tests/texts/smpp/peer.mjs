// A carrier for tests, by a library that is not ours: it takes messages by SMPP, refuses what the last digits of a number ask
// for, and brings receipts. Usage: node peer.mjs MODULES FILE SYSTEM_ID PASSWORD [hex] [--tls CERTIFICATE KEY]
//
// What it takes is appended to FILE, a line of JSON each. The first line that it prints is its port.
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, file, systemId, password, ...more] = process.argv.slice(2);
const smpp = createRequire(`${modules}/`)('smpp');
const iconv = createRequire(`${modules}/`)('iconv-lite');
const isHex = more.includes('hex');
const tls = more.indexOf('--tls');

const statuses = {
  '0088': smpp.ESME_RTHROTTLED,
  '0020': smpp.ESME_RMSGQFUL,
  '0008': smpp.ESME_RSYSERR,
  '0011': smpp.ESME_RINVDSTADR,
  '0010': smpp.ESME_RINVSRCADR,
  '1024': 0x0400,
};
/** Each number is refused so often. */
const once = new Set();
let last = 0x1000;

function text(pdu) {
  const payload = pdu.message_payload ?? pdu.short_message;
  const message = payload.message ?? payload;
  if (typeof message === 'string') return message;
  return pdu.data_coding === 0x0e ? iconv.decode(message, 'cp949') : message.toString('latin1');
}

function receipt(session, id, to, stat) {
  const named = isHex ? id.toString(10) : String(id);
  const written = `id:${named} sub:001 dlvrd:001 submit date:2611300400 done date:2611300401 stat:${stat} err:045 text:`;
  session.deliver_sm({ esm_class: 4, source_addr: to, short_message: Buffer.from(written) }, (answer) => {
    note({ receipt: named, answer: answer.command_status });
  });
}

function reply(session, from, text) {
  session.deliver_sm({ esm_class: 0, source_addr: from, source_addr_ton: 1, ...text }, (answer) => {
    note({ reply: from, answer: answer.command_status });
  });
}

function note(what) {
  appendFileSync(file, `${JSON.stringify(what)}\n`);
}

function submit(session, pdu) {
  const to = pdu.destination_addr;
  const digits = to.slice(-4);
  if (digits in statuses && (digits !== '0088' || !once.has(to))) {
    once.add(to);
    return session.send(pdu.response({ command_status: statuses[digits] }));
  }
  if (digits === '0499') return session.socket.destroy();
  if (digits === '0666') session.socket.write(Buffer.from([0, 0, 0, 18, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 99, 255, 255]));
  if (digits === '0667') return session.socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  if (digits === '0408') return undefined;
  // Its owner answers, in two ways of writing.
  if (digits === '0777') {
    const ucs2 = Buffer.from('취소 ABCD-EFGH', 'utf16le').swap16();
    reply(session, to, { data_coding: 8, short_message: ucs2 });
    reply(session, to, { data_coding: 0, short_message: iconv.encode('취소 ABCD', 'cp949') });
  }
  last += 1;
  const id = last;
  note({
    to, id, from: pdu.source_addr, ton: pdu.source_addr_ton, coding: pdu.data_coding, text: text(pdu), validity: pdu.validity_period,
    udh: pdu.short_message?.udh?.map((one) => one.toString('hex')), payload: 'message_payload' in pdu, asked: pdu.registered_delivery,
  });
  const stat = { '0005': 'UNDELIV', '0007': 'ENROUTE' }[digits] ?? 'DELIVRD';
  const answer = () => {
    session.send(pdu.response({ message_id: isHex ? id.toString(16) : String(id) }));
    if (pdu.registered_delivery === 1 && digits !== '0006') setTimeout(() => receipt(session, id, to, stat), 20);
  };
  if (digits === '0006') receipt(session, id, to, stat);
  return digits === '0409' ? setTimeout(answer, 6_000) : answer();
}

const options = tls < 0 ? {} : { cert: readFileSync(more[tls + 1]), key: readFileSync(more[tls + 2]) };
const server = smpp.createServer(options, (session) => {
  // A connection that breaks is what some of the tests are about.
  session.on('error', () => undefined);
  session.on('bind_transceiver', (pdu) => {
    const isKnown = pdu.system_id === systemId && pdu.password === password;
    session.send(pdu.response({ command_status: isKnown ? smpp.ESME_ROK : smpp.ESME_RINVPASWD, system_id: 'peer' }));
    note({ bind: pdu.interface_version, status: isKnown });
    if (isKnown) session.enquire_link((answer) => note({ enquired: answer.command_status }));
  });
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    note({ unbind: true });
    session.send(pdu.response());
    session.close();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// It ends with whoever started it.
process.stdin.resume().on('end', () => process.exit(0));
