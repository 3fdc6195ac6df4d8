/**
 * Reads what one program delivered and compares it with what was said: `check-lines.mjs EXPECTED UNIT`
 * reads stdin; with PORT or PATH, GREETING and ANSWER it is a subscriber of a broker instead, which says
 * GREETING, waits for ANSWER, and takes everything after it.
 *
 * EXPECTED is a file with the bytes that should come, UNIT how many of them carry one line. As long as
 * the bytes are equal nothing else is done (memcmp of chunks). From the first difference on, lines are
 * looked for one by one. Prints one line of JSON: when the last came, and how many whole lines came.
 */
import { fstatSync, openSync, readSync } from 'node:fs'
import { connect, Socket } from 'node:net'

const [expected, unit, where, greeting = '', answer = ''] = process.argv.slice(2).map(decodeURIComponent)
const BUFFER_BYTES = 262_144
const TICK_MS = 500
const QUIET_TICKS = 6
const LINE = /\d{10} [a-z]{88}\n/g
const LINE_BYTES = 100

const fd = openSync(expected, 'r')
const total = fstatSync(fd).size
const buffer = Buffer.from(new WebAssembly.Memory({ initial: BUFFER_BYTES / 65_536 }).buffer)
const wanted = Buffer.alloc(BUFFER_BYTES)

let good = 0
let isEqual = true
let rest = ''
let found = 0
let last = 0n

function finish() {
  const lines = Math.floor(good / Number(unit)) + found
  process.stdout.write(`${JSON.stringify({ at: Number(last) / 1e9, lines })}\n`)
  process.exit(0)
}

// Not a timer for each chunk: that would be measured too. Counted, not timed: the machine may have stood still.
let seen = 0n
let ticks = 0
setInterval(() => {
  ticks = last === seen ? ticks + 1 : 0
  seen = last
  if (last > 0n && ticks >= QUIET_TICKS) finish()
}, TICK_MS)

function take(bytes, chunk) {
  last = process.hrtime.bigint()
  if (isEqual) {
    readSync(fd, wanted, 0, bytes, good)
    isEqual = good + bytes <= total && chunk.compare(wanted, 0, bytes, 0, bytes) === 0
    if (isEqual) good += bytes
    if (good === total) finish()
  }
  if (isEqual) return true
  const text = rest + chunk.latin1Slice(0, bytes)
  let end = 0
  for (const match of text.matchAll(LINE)) {
    found += 1
    end = match.index + LINE_BYTES
  }
  rest = text.slice(Math.max(end, text.length - LINE_BYTES))
  return true
}

const onread = { buffer, callback: take }
if (where === undefined)
  new Socket({ fd: 0, readable: true, writable: false, onread }).on('end', finish).resume()
else subscribe()

function subscribe() {
  const place = /^\d+$/.test(where) ? { port: Number(where), host: '127.0.0.1' } : { path: where }
  const awaited = Buffer.from(answer, 'latin1')
  let heard = Buffer.alloc(0)
  let isSubscribed = false
  const callback = (bytes, chunk) => {
    if (isSubscribed) return take(bytes, chunk)
    heard = Buffer.concat([heard, chunk.subarray(0, bytes)])
    if (!heard.subarray(-awaited.length).equals(awaited)) return true
    isSubscribed = true
    process.stderr.write('subscribed\n')
    return true
  }
  const socket = connect({ ...place, onread: { buffer, callback } })
  socket.on('close', finish)
  socket.write(Buffer.from(greeting, 'latin1'))
}
