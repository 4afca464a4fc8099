// One transaction with nodemailer. Usage: node send.js < plan.json ; the dialogue goes to standard output.
'use strict';
const fs = require('fs');
const tls = require('tls');
const nodemailer = require('nodemailer');

const plan = JSON.parse(fs.readFileSync(0, 'utf8'));
const lines = text => String(text).split(/\r?\n/);

const connect = tls.connect; // nodemailer does not say which TLS it got
tls.connect = (...given) => {
  const socket = connect(...given);
  socket.on('secureConnect', () => {
    const cipher = socket.getCipher() || {};
    console.log(`* TLS established ${socket.getProtocol()} ${cipher.name}`);
  });
  return socket;
};

const note = (entry, text, ...rest) => {
  const said = String(text).replace(/%s/g, () => rest.shift());
  if (entry && entry.tnx === 'client') lines(said).forEach(line => console.log(`C: ${line}`));
  else if (entry && entry.tnx === 'server') lines(said).forEach(line => console.log(`S: ${line}`));
};
const logger = { trace: note, debug: note, info() {}, warn() {}, error() {}, fatal() {}, level() {} };

const options = {
  host: plan.host, port: plan.port, name: plan.helo, secure: false, debug: true, transactionLog: true, logger,
  connectionTimeout: plan.timeout * 1000, greetingTimeout: plan.timeout * 1000, socketTimeout: plan.timeout * 1000,
};
if (plan.source) options.localAddress = plan.source;
if (plan.tls === 'none') options.ignoreTLS = true;
else {
  options.requireTLS = plan.tls === 'required';
  options.tls = { rejectUnauthorized: Boolean(plan.trust), servername: plan.server_name };
  if (plan.trust) options.tls.ca = fs.readFileSync(plan.trust);
  if (plan.certificate) {
    options.tls.cert = fs.readFileSync(plan.certificate);
    options.tls.key = fs.readFileSync(plan.key);
  }
}
const from = plan.mail_from.address === '<>' ? '' : plan.mail_from.address;
const first = plan.recipients[0] || {};
const mail = {
  envelope: { from, to: plan.recipients.map(each => each.address) },
  raw: Buffer.from(plan.message, 'base64'),
};
if (first.notify || plan.mail_from.ret || plan.mail_from.envid) {
  mail.dsn = { notify: first.notify || undefined, id: plan.mail_from.envid || undefined };
  if (plan.mail_from.ret) mail.dsn.return = plan.mail_from.ret.toLowerCase() === 'hdrs' ? 'headers' : 'full';
}
nodemailer.createTransport(options).sendMail(mail).then(
  () => console.log('sent'),
  why => {
    console.log(`* failed: ${why.code || why.name} ${why.responseCode || ''} ${lines(why.message)[0]}`);
    process.exitCode = 1;
  },
);
