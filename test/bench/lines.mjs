/**
 * Lines: one million of them, 100 bytes each, from one author through a pipe to 1, 4 and 16 peers; each
 * peer's output is compared byte by byte with what was said. And one line there and back.
 *
 * The clock runs from the moment when the author's pipe is let go until the last peer has its last line.
 * Of the brokers only the server is measured: their publisher writes ready-made messages, their
 * subscribers only compare, in C, as the checkers of the others do. All of them have their default settings. ncat's broker forwards bytes, which
 * keeps the lines of a single author whole.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { userInfo } from 'node:os'
import {
  acceptedCount,
  allReady,
  count,
  freePort,
  freshPath,
  freshTopic,
  gated,
  inTurns,
  isListening,
  LSWARM,
  median,
  now,
  quantile,
  table,
  until,
  withJobs,
} from './harness.mjs'
import { compile } from './peers.mjs'

export const peers = ['ncat', 'redis', 'nats', 'mosquitto']

const LINES = 1_000_000
const LINE_BYTES = 100
const PEER_COUNTS = [1, 4, 16]
const REFERENCE = 'ncat --broker'
const TURNS = 2000
/** In C: one that takes as long as what it checks would draw every ratio to 1. */
const CHECK = '"$CHECKER" "$EXPECTED" "$UNIT"'

export async function compare({ runs, size, peers: there, progress, show }) {
  const lines = size === undefined ? LINES : Math.max(1, Math.floor(size / LINE_BYTES))
  const brokers = BROKERS.filter(({ needs }) => there.has(needs)).map((broker) => {
    const own = Math.ceil(lines / (broker.part ?? 1))
    const sent = messageFile(own, broker.publication)
    return { ...broker, lines: own, sent, expected: messageFile(own, broker.delivery) }
  })
  for (const listeners of PEER_COUNTS) {
    const rows = [{ name: 'lswarm join', run: () => joinedLines(lines, listeners) }]
    if (there.has('ncat'))
      rows.push({ name: REFERENCE, run: () => brokered(plainFile(lines), lines, listeners) })
    for (const broker of brokers) rows.push({ name: broker.name, run: () => published(broker, listeners) })
    const measured = await inTurns(rows, runs, (text) => progress(`${listeners} peers, ${text}`))
    const title = `lines: ${lines} lines of ${LINE_BYTES} bytes to ${listeners} ${listeners === 1 ? 'peer' : 'peers'}`
    const columns = [
      { title: 'rate', of: 'seconds', as: 'rate' },
      { title: 'CPU', of: 'cpu', as: 'cost' },
      { title: 'lost or cut', of: 'lost', as: 'value', format: count },
    ]
    show(
      table({ title, reference: there.has('ncat') ? REFERENCE : 'lswarm join', columns, rows, ...measured }),
    )
  }
  await compareTurns({ runs, progress, show })
}

function checker() {
  const program = compile('check-lines')
  if (program === undefined) throw new Error('there is no C compiler for what checks the lines')
  return program
}

const plainFiles = new Map()

/** `lines` lines from a `join` to `listeners` others. */
export function joinedLines(lines, listeners) {
  return joined(plainFile(lines), lines, listeners)
}

function plainFile(lines) {
  if (!plainFiles.has(lines)) plainFiles.set(lines, messageFile(lines, ['', '']))
  return plainFiles.get(lines)
}

/** A file of all lines, each between what a broker's protocol puts around it. */
function messageFile(lines, [before, after]) {
  const path = freshPath('lines')
  const fd = openSync(path, 'w')
  const BLOCK = 10_000
  for (let from = 0; from < lines; from += BLOCK) {
    let text = ''
    for (let line = from; line < Math.min(lines, from + BLOCK); line++) {
      text += `${before}${String(line).padStart(10, '0')} ${'abcdefgh'.repeat(11)}\n${after}`
    }
    writeSync(fd, text, undefined, 'latin1')
  }
  closeSync(fd)
  return { path, unit: before.length + LINE_BYTES + after.length }
}

function joined(file, lines, listeners) {
  return withJobs(async (start) => {
    const variables = {
      CHECKER: checker(),
      EXPECTED: file.path,
      UNIT: file.unit,
      TOPIC: freshTopic(),
      N: listeners,
    }
    const checks = Array.from({ length: listeners }, () =>
      start(`${LSWARM} join $TOPIC -d --ready | ${CHECK}`, variables),
    )
    const author = start(`${gated('cat "$EXPECTED"')} | ${LSWARM} join $TOPIC -n $N --ready`, variables)
    await allReady([author, ...checks])
    await settle()
    const since = letGo(author)
    const result = await checked(checks, since, lines)
    const endings = await Promise.all([author, ...checks].map((job) => job.done()))
    return { ...result, cpu: sum(endings) }
  })
}

function brokered(file, lines, listeners) {
  return withJobs(async (start) => {
    const variables = { CHECKER: checker(), EXPECTED: file.path, UNIT: file.unit, PORT: await freePort() }
    const broker = start('ncat -l --broker 127.0.0.1 $PORT', variables)
    await until(() => isListening(variables.PORT))
    const checks = Array.from({ length: listeners }, () =>
      start(`ncat --recv-only 127.0.0.1 $PORT | ${CHECK}`, variables),
    )
    const author = start(`${gated('cat "$EXPECTED"')} | ncat --send-only 127.0.0.1 $PORT`, variables)
    await until(() => acceptedCount(variables.PORT) === listeners + 1)
    const since = letGo(author)
    const result = await checked(checks, since, lines)
    broker.stop()
    const endings = await Promise.all([broker, author, ...checks].map((job) => job.ended))
    return { ...result, cpu: sum(endings) }
  })
}

const ROOM = 'room'
const mqttRoom = `\0${String.fromCharCode(ROOM.length)}${ROOM}`
const mqttConnect = '\x10\x0e\0\x04MQTT\x04\x02\0\0\0\x02aa'
/** A client's name has to be its own; the two letters at the end become a number. */
const named = (greeting, number) => greeting.replace('\x02aa', `\x02${String(number).padStart(2, '0')}`)

/** How to start each server at $PLACE, and what its protocol says on the wire. */
const BROKERS = [
  {
    name: 'redis',
    needs: 'redis',
    server:
      'redis-server --port 0 --unixsocket $PLACE --save "" --appendonly no --dir "$LSWARM_DIR" >/dev/null',
    connect: ['PING\r\n', '+PONG\r\n'],
    subscribe: [`SUBSCRIBE ${ROOM}\r\n`, `*3\r\n$9\r\nsubscribe\r\n$4\r\n${ROOM}\r\n:1\r\n`],
    publication: [`*3\r\n$7\r\nPUBLISH\r\n$4\r\n${ROOM}\r\n$${LINE_BYTES}\r\n`, '\r\n'],
    delivery: [`*3\r\n$7\r\nmessage\r\n$4\r\n${ROOM}\r\n$${LINE_BYTES}\r\n`, '\r\n'],
  },
  {
    name: 'nats-server',
    needs: 'nats',
    isTcp: true,
    server: 'nats-server -a 127.0.0.1 -p $PLACE 2>/dev/null',
    // It asks once by itself, after two seconds; from then on nothing comes but messages.
    connect: ['CONNECT {"verbose":false}\r\nPONG\r\n', '\r\n'],
    subscribe: [`CONNECT {"verbose":false}\r\nSUB ${ROOM} 1\r\nPONG\r\n`, 'PING\r\n'],
    publication: [`PUB ${ROOM} ${LINE_BYTES}\r\n`, '\r\n'],
    delivery: [`MSG ${ROOM} 1 ${LINE_BYTES}\r\n`, '\r\n'],
  },
  {
    name: 'mosquitto, QoS 0 (a tenth of it, times 10)',
    needs: 'mosquitto',
    // All of it would take minutes.
    part: 10,
    settings: (place) => `listener 0 ${place}\nallow_anonymous true\nuser ${userInfo().username}\n`,
    server: 'mosquitto -c "$SETTINGS" 2>/dev/null',
    connect: [mqttConnect, '\x20\x02\0\0'],
    subscribe: [`${mqttConnect}\x82\x09\0\x01${mqttRoom}\0`, '\x90\x03\0\x01\0'],
    publication: [`0${String.fromCharCode(LINE_BYTES + mqttRoom.length)}${mqttRoom}`, ''],
    delivery: [`0${String.fromCharCode(LINE_BYTES + mqttRoom.length)}${mqttRoom}`, ''],
  },
]

function published(broker, listeners) {
  return withJobs(async (start) => {
    const place = broker.isTcp ? await freePort() : freshPath('s')
    const settings = freshPath('settings')
    if (broker.settings) writeFileSync(settings, broker.settings(place))
    const variables = {
      PLACE: place,
      SETTINGS: settings,
      CHECKER: checker(),
      EXPECTED: broker.expected.path,
      UNIT: broker.expected.unit,
    }
    const server = start(broker.server, variables)
    await until(() => (broker.isTcp ? isListening(place) : existsSync(place)), 20)
    const words = (number, [greeting, answer]) => ({
      GREETING: encoded(named(greeting, number)),
      ANSWER: encoded(answer),
    })
    const checks = Array.from({ length: listeners }, (_, number) =>
      start(`${CHECK} $PLACE "$GREETING" "$ANSWER"`, { ...variables, ...words(number, broker.subscribe) }),
    )
    await Promise.all(checks.map((check) => check.hears(/^subscribed/m)))
    const author = start('"$NODE" "$TOOLS/publish.mjs" "$SENT" $PLACE "$GREETING" "$ANSWER"', {
      ...variables,
      ...words(listeners, broker.connect),
      SENT: broker.sent.path,
    })
    await author.hears(/^connected/m)
    await settle()
    const since = letGo(author)
    const { seconds, lost } = await checked(checks, since, broker.lines)
    server.stop()
    const endings = await Promise.all([server, author, ...checks].map((job) => job.ended))
    const { part = 1 } = broker
    return { seconds: seconds * part, lost: lost * part, cpu: sum(endings) * part }
  })
}

/** Arguments cannot hold a NUL: each byte as `%00`. */
function encoded(text) {
  return Buffer.from(text, 'latin1').toString('hex').replace(/../g, '%$&')
}

/** Until the handshakes are over. */
function settle() {
  return new Promise((done) => setTimeout(done, 150))
}

function letGo(job) {
  const since = now()
  job.say('\n')
  return since
}

const sum = (endings) => endings.reduce((all, { cpu }) => all + cpu, 0)

/** What the checkers have found. */
async function checked(checks, since, lines) {
  await Promise.all(checks.map((check) => check.hears(/\n/, 'stdout')))
  const found = checks.map((check) => JSON.parse(check.stdout))
  return {
    seconds: Math.max(...found.map(({ at }) => at)) - since,
    lost: found.reduce((all, one) => all + lines - one.lines, 0),
  }
}

/** One line there and back, in a chain of pipes: ping, a program, a program, cat, and back. */
async function compareTurns({ runs, progress, show }) {
  const reference = 'bare Node relay'
  const rows = [
    {
      name: reference,
      run: () =>
        turns(`"$NODE" "$TOOLS/relay.mjs" listen $SOCKET`, `"$NODE" "$TOOLS/relay.mjs" dial $SOCKET`),
    },
    { name: 'lswarm join', run: () => turns(`${LSWARM} join $TOPIC`, `${LSWARM} join $TOPIC`) },
  ]
  const measured = await inTurns(rows, runs, progress)
  const columns = [
    { title: 'median', of: 'median', as: 'cost' },
    { title: 'p99', of: 'p99', as: 'cost' },
  ]
  show(table({ title: 'lines: one there and back', reference, columns, rows, ...measured }))
}

function turns(far, near) {
  return withJobs(async (start) => {
    const pipes = ['out', 'back', 'echo'].map((name) => freshPath(name))
    execFileSync('mkfifo', pipes)
    const [OUT, BACK, ECHO] = pipes
    const variables = { OUT, BACK, ECHO, SOCKET: freshPath('s'), TOPIC: freshTopic(), COUNT: TURNS }
    start(`${far} <"$ECHO" | cat >"$ECHO"`, variables)
    await settle()
    await settle()
    start(`${near} <"$OUT" >"$BACK"`, variables)
    const ping = start('"$NODE" "$TOOLS/ping.mjs" "$OUT" "$BACK" "$COUNT"', variables)
    await ping.done()
    const seconds = JSON.parse(ping.stdout)
    return { median: median(seconds), p99: quantile(seconds, 0.99) }
  })
}
