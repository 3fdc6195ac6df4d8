import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { SwarmError } from '../../src/errors.ts'
import { limits } from '../../src/limits.ts'
import { encodeFrame, FrameType, frameHeader } from '../../src/protocol/frame.ts'
import {
  encodeGo,
  encodeHello,
  encodeRefusal,
  type Hello,
  isName,
  isUseful,
  PREFACE,
  type RefusalCode,
  readAnswer,
  readHello,
} from '../../src/protocol/hello.ts'
import { mutated } from './helpers/bytes.ts'
import { swarmError } from './helpers/errors.ts'
import { helloOf } from './helpers/hellos.ts'
import { readFrom } from './helpers/reading.ts'

const full = helloOf({
  topicName: 'room\n"',
  address: 'p-abc',
  pid: 1,
  kind: 'stream',
  stream: 2,
  observer: true,
})
const go = encodeFrame(FrameType.go, Buffer.alloc(0))

/** A preface and a frame with this JSON. */
function framed(value: unknown, type: number = FrameType.hello): Buffer {
  return Buffer.concat([PREFACE, encodeFrame(type, Buffer.from(JSON.stringify(value)))])
}

test('a hello comes back as it was sent, and not a byte past it is read', () => {
  for (const hello of [full, helloOf()]) {
    const bytes = encodeHello(hello)
    const read = readFrom(readHello, Buffer.concat([bytes, Buffer.from('what follows')]))
    assert.deepEqual(read, { value: hello, bytes: bytes.length })
  }
})

test('an answer with a go comes back as it was sent, and not a byte past it is read', () => {
  const bytes = encodeGo(full)
  const read = readFrom(readAnswer, Buffer.concat([bytes, go]))
  assert.deepEqual(read, { value: { hello: full }, bytes: bytes.length })
})

const codes: readonly RefusalCode[] = [
  'busy',
  'duplicate',
  'firewall',
  'protocol',
  'self',
  'topic',
  'useless',
  'version',
]
for (const code of codes) {
  test(`a refusal for "${code}" comes back, with the hello and without`, () => {
    const refusal = { code, reason: 'no "room"\n' }
    assert.deepEqual(readFrom(readAnswer, encodeRefusal(refusal))?.value, { hello: undefined, refusal })
    assert.deepEqual(readFrom(readAnswer, encodeRefusal(refusal, full))?.value, { hello: full, refusal })
  })
}

test('fields that we do not know are skipped, and those that may be absent may be', () => {
  const { kind, peer, name, verb } = helloOf()
  const read = readFrom(readHello, framed({ kind, peer, name, verb, later: [1, { a: 2 }] }))
  const absent = { server: false, client: false, observer: false, reads: [], writes: [] }
  assert.deepEqual(read?.value, { kind, peer, name, verb, ...absent })
})

const words = Array.from({ length: 17 }, (_, i) => `w${'x'.repeat(i)}`)
/** For each field, values that it must not have; `undefined` leaves it out. */
const wrong: Readonly<Record<keyof Hello, readonly unknown[]>> = {
  kind: [undefined, null, 1, '', 'links', 'link\n', ['link']],
  topic: [null, 1, '', '5'.repeat(63), '5'.repeat(65), 'G'.repeat(64), 'A'.repeat(64), `${'5'.repeat(64)}\n`],
  topicName: [null, 1, {}, 'x'.repeat(513)],
  peer: [undefined, null, 1, '', '0'.repeat(31), '0'.repeat(33), 'x'.repeat(32), 'A'.repeat(32)],
  name: [
    undefined,
    null,
    1,
    '',
    'x'.repeat(65),
    'ä'.repeat(33),
    'a\nb',
    'a\u001b[2J',
    'a\u202eb',
    '\u2028',
    '\ud800',
    'a\0',
  ],
  verb: [undefined, null, 1, '', 'Send', '-send', '1send', 'a b', 'x'.repeat(33), '../x', 'send\n'],
  address: [null, 1, '', 'a b', 'ä', 'x'.repeat(201), 'a\n'],
  elsewhere: [null, 'raw', {}, [''], [1], [null], ['0'.repeat(31)], ['0'.repeat(33)], ['A'.repeat(32)]],
  via: [null, 'raw', {}, [''], [1], [null], ['Raw'], words],
  pid: [null, -1, 1.5, 2 ** 53, '1'],
  server: [null, 0, 1, 'true', []],
  client: [null, 0, 1, 'true', []],
  observer: [null, 0, 1, 'true', []],
  confirms: [null, 0, 1, 'true', []],
  reads: [null, 'raw', {}, [''], [1], [null], ['Raw'], words],
  writes: [null, 'raw', {}, [''], [1], [null], ['Raw'], words],
  stream: [null, -1, 0.5, 2 ** 53, '1', true],
}
for (const [field, values] of Object.entries(wrong)) {
  for (const value of values) {
    test(`a hello whose ${field} is ${JSON.stringify(value)?.slice(0, 40)} breaks the protocol`, () => {
      assert.throws(() => readFrom(readHello, framed({ ...full, [field]: value })), swarmError('PROTOCOL'))
    })
  }
}

test('each field may be as long as its limit', () => {
  const hello = helloOf({
    name: 'ä'.repeat(limits.nameBytes / 2),
    topicName: 'x'.repeat(limits.topicNameBytes),
    address: 'x'.repeat(200),
    verb: 'x'.repeat(32),
    pid: Number.MAX_SAFE_INTEGER,
    reads: words.slice(0, 16),
  })
  assert.deepEqual(readFrom(readHello, encodeHello(hello))?.value, hello)
})

test('the longest topic name that is told, escaped in JSON as far as it goes, fits a hello', () => {
  const hello = helloOf({
    topicName: '\u0001'.repeat(limits.topicNameBytes),
    name: '"'.repeat(limits.nameBytes),
    address: `p-${'a'.repeat(26)}`,
    pid: 4_194_304,
    reads: ['lines', 'stream'],
    writes: ['lines', 'stream'],
  })
  assert.deepEqual(readFrom(readHello, encodeHello(hello))?.value, hello)
})

for (const value of [null, 1, 'text', [], [{}]]) {
  test(`a hello that is ${JSON.stringify(value)} breaks the protocol`, () => {
    assert.throws(() => readFrom(readHello, framed(value)), swarmError('PROTOCOL', /not a JSON object/))
  })
}

test('a hello that is not JSON, or not UTF-8, breaks the protocol', () => {
  for (const body of [Buffer.alloc(0), Buffer.from('{"kind":'), Buffer.from([0x7b, 0xff, 0x7d])]) {
    const bytes = Buffer.concat([PREFACE, encodeFrame(FrameType.hello, body)])
    assert.throws(() => readFrom(readHello, bytes), swarmError('PROTOCOL', /not JSON/))
  }
})

test('__proto__ in a hello is a field that we do not know', () => {
  const json = JSON.stringify(helloOf()).replace(/}$/, ',"__proto__":{"observer":true}}')
  const bytes = Buffer.concat([PREFACE, encodeFrame(FrameType.hello, Buffer.from(json))])
  assert.equal(readFrom(readHello, bytes)?.value.observer, false)
})

for (const version of ['0', '2', '9', '\0', '\xff']) {
  test(`protocol version ${JSON.stringify(version)} is named, by both halves`, () => {
    const bytes = Buffer.from(`lswarm/${version}`, 'latin1')
    assert.throws(() => readFrom(readHello, bytes), swarmError('VERSION', /this is version 1/))
    assert.throws(() => readFrom(readAnswer, bytes), swarmError('VERSION', /this is version 1/))
  })
}

const garbage: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a TLS hello', Buffer.from('16030100f5010000f10303', 'hex')],
  ['zeros', Buffer.alloc(65_536)],
  ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ['our preface in capitals', Buffer.from('LSWARM/1')],
]
for (const [what, bytes] of garbage) {
  test(`${what} breaks the protocol within eight bytes`, () => {
    assert.throws(
      () => readFrom(readHello, bytes.subarray(0, 8)),
      swarmError('PROTOCOL', /not a connection of lswarm/),
    )
    assert.throws(() => readFrom(readAnswer, bytes), swarmError('PROTOCOL'))
  })
}

for (const length of [limits.helloBytes + 1, 2 ** 31, 2 ** 32 - 1]) {
  test(`a hello of ${length} bytes is refused at its header`, () => {
    const bytes = Buffer.concat([PREFACE, frameHeader(FrameType.hello, length)])
    const error = swarmError('PROTOCOL', new RegExp(`a hello of ${length} bytes`))
    assert.throws(() => readFrom(readHello, bytes), error)
    assert.throws(() => readFrom(readAnswer, bytes), error)
  })
}

test('a hello at the limit of its frame is read', () => {
  const hello = helloOf()
  const json = JSON.stringify(hello)
  const body = Buffer.from(`{"pad":"${'x'.repeat(limits.helloBytes - json.length - 9)}",${json.slice(1)}`)
  assert.equal(body.length, limits.helloBytes)
  const bytes = Buffer.concat([PREFACE, encodeFrame(FrameType.hello, body)])
  assert.deepEqual(readFrom(readHello, bytes)?.value, hello)
})

test('a hello that is cut off anywhere is waited for, never guessed', () => {
  const bytes = encodeHello(full)
  for (let at = 0; at < bytes.length; at++)
    assert.equal(readFrom(readHello, bytes.subarray(0, at)), undefined)
  const answer = encodeGo(full)
  for (let at = 0; at < answer.length; at++)
    assert.equal(readFrom(readAnswer, answer.subarray(0, at)), undefined)
})

const out: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a go before the hello', Buffer.concat([PREFACE, go])],
  ['two hellos', Buffer.concat([encodeHello(full), encodeHello(full).subarray(PREFACE.length)])],
  ['a link frame', Buffer.concat([PREFACE, encodeFrame(FrameType.control, Buffer.from('{}'))])],
  ['a refusal of an unknown code', framed({ code: 'later', reason: '' }, FrameType.refuse)],
  ['a refusal without a reason', framed({ code: 'busy' }, FrameType.refuse)],
  ['a refusal with a reason too long', framed({ code: 'busy', reason: 'x'.repeat(513) }, FrameType.refuse)],
]
for (const [what, bytes] of out) {
  test(`${what} is no answer`, () => {
    assert.throws(() => readFrom(readAnswer, bytes), swarmError('PROTOCOL'))
  })
}

test('a frame that is no hello is no beginning', () => {
  for (let type = 0; type < 256; type++) {
    if (type === FrameType.hello) continue
    const bytes = Buffer.concat([PREFACE, encodeFrame(type, Buffer.from('{}'))])
    assert.throws(() => readFrom(readHello, bytes), swarmError('PROTOCOL', /without a hello/))
  }
})

test('whatever comes, the handshake reads it, waits for more, or throws PROTOCOL or VERSION', () => {
  const valid = fc.constantFrom(
    encodeHello(full),
    encodeGo(full),
    encodeRefusal({ code: 'busy', reason: '' }, full),
  )
  const random = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([PREFACE, bytes]))
  fc.assert(
    fc.property(fc.oneof(mutated(valid), random), (bytes) => {
      for (const reading of [readHello, readAnswer]) {
        try {
          const read = readFrom<unknown>(reading, bytes)
          assert.ok(read === undefined || read.bytes <= bytes.length)
        } catch (error) {
          assert.ok(error instanceof SwarmError, String(error))
          assert.ok(error.code === 'PROTOCOL' || error.code === 'VERSION')
        }
      }
    }),
    { numRuns: 20_000 },
  )
})

test('a name is 1 to 64 bytes of printable text', () => {
  for (const name of ['a', 'Zoë', '名前', 'a b', '👍', 'x'.repeat(64), 'ä'.repeat(32)])
    assert.ok(isName(name), name)
  for (const name of [
    '',
    'x'.repeat(65),
    'ä'.repeat(33),
    'a\n',
    '\t',
    '\u001b',
    '\u0085',
    '\u200b',
    '\u202e',
    '\ud83d',
  ]) {
    assert.ok(!isName(name), JSON.stringify(name))
  }
})

const server = { server: true, client: false }
const client = { server: false, client: true }
const observer = { ...client, observer: true, reads: [], writes: [] }
const pairs: readonly (readonly [
  what: string,
  mine: Partial<Hello>,
  theirs: Partial<Hello>,
  useful: boolean,
])[] = [
  ['two of everything', {}, {}, true],
  ['a server and a client', server, client, true],
  ['two servers', server, server, false],
  ['two clients', client, client, false],
  ['one that only gives and one that only takes', { reads: [] }, { writes: [] }, true],
  ['two that only give', { reads: [] }, { reads: [] }, false],
  ['two that only take', { writes: [] }, { writes: [] }, false],
  [
    'one that gives lines and one that takes raw bytes',
    { reads: [], writes: ['lines'] },
    { writes: [] },
    false,
  ],
  ['two with one kind of content in common', { reads: ['a', 'b'] }, { writes: ['b', 'c'] }, true],
  ['an observer and a server', observer, server, true],
  ['an observer and a client', observer, client, true],
  ['two observers', observer, observer, false],
]
for (const [what, mine, theirs, useful] of pairs) {
  test(`${what} ${useful ? 'have' : 'have not'} something to say to each other, seen from either side`, () => {
    assert.equal(isUseful(helloOf(mine), helloOf(theirs)), useful)
    assert.equal(isUseful(helloOf(theirs), helloOf(mine)), useful)
  })
}
