import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { limits } from '../../src/limits.ts'
import { decodeMessage, encodeMessage, type Message } from '../../src/protocol/message.ts'
import { mutated } from './helpers/bytes.ts'
import { swarmError } from './helpers/errors.ts'

const digest = `blake2b:${'0f'.repeat(64)}`
const messages: readonly Message[] = [
  { type: 'ended' },
  { type: 'missed', lines: 3 },
  { type: 'bye', reason: 'left\n"' },
  { type: 'bye', reason: 'x'.repeat(1000) },
  { type: 'offer', stream: 0, digest: 'crc32' },
  { type: 'offer', stream: Number.MAX_SAFE_INTEGER, digest: 'blake2b', size: 0 },
  {
    type: 'offer',
    stream: 1,
    digest: 'sample',
    loan: { path: '/proc/1/fd/0', device: '12', inode: '7', at: 0 },
  },
  {
    type: 'offer',
    stream: 1,
    digest: 'sample',
    size: 5,
    loan: {
      path: '/proc/4194304/fd/1000',
      device: `${2n ** 64n - 1n}`,
      inode: `${2n ** 64n - 1n}`,
      at: 2 ** 40,
      size: 5,
    },
  },
  {
    type: 'offer',
    stream: 1,
    digest: 'sample',
    spool: { path: '/proc/1/fd/20', device: '12', inode: '7', at: 0, size: 2 ** 24 },
  },
  { type: 'borrow', stream: 1 },
  { type: 'begin', stream: 1 },
  { type: 'spool', spool: { path: '/proc/1/fd/20', device: '12', inode: '7', at: 0, size: 2 ** 23 } },
  { type: 'lines', end: 2 ** 40, bytes: 5, seat: 1, separator: 10 },
  { type: 'lines', end: 5, bytes: 5, seat: 0, separator: 0 },
  { type: 'extent', stream: 1, bytes: 2 ** 40, seat: 4095 },
  { type: 'progress', stream: 1, bytes: 2 ** 40 },
  { type: 'handed', stream: 1 },
  { type: 'drained', stream: 1, bytes: 2 ** 40, digest },
  { type: 'call', stream: 1 },
  { type: 'ready', stream: 1 },
  { type: 'status', stream: 1, status: 0, reason: '' },
  { type: 'status', stream: 1, status: 255, reason: 'busy' },
  { type: 'busy', stream: 1 },
  { type: 'withdraw', stream: 1, reason: '' },
  { type: 'end', stream: 1 },
  { type: 'end', stream: 1, bytes: 0, digest: 'crc32:00000000' },
  { type: 'confirm', stream: 1 },
  { type: 'confirm', stream: 1, bytes: 2 ** 40, digest },
  { type: 'ask', number: 1 },
  { type: 'counters', number: 1, upMs: 2, queueBytes: 3, dropped: 4 },
  {
    type: 'counters',
    number: 1,
    upMs: 2,
    bytesIn: 3,
    bytesOut: 4,
    linesIn: 5,
    linesOut: 6,
    queueBytes: 7,
    dropped: 8,
  },
  { type: 'say', text: 'hello' },
  { type: 'cut' },
  ...(['busy', 'closed', 'digest', 'input', 'interrupted', 'output', 'slow'] as const).map(
    (code): Message => ({ type: 'abort', stream: 1, bytes: 5, code, reason: 'why' }),
  ),
]
for (const message of messages) {
  test(`${JSON.stringify(message).slice(0, 60)} comes back as it was sent`, () => {
    const body = encodeMessage(message)
    assert.ok(body.length <= limits.controlBytes)
    assert.deepEqual(decodeMessage(body), message)
  })
}

test('a type that is not known is skipped', () => {
  assert.equal(decodeMessage(Buffer.from('{"type":"later","stream":"x"}')), undefined)
})

test('fields that are not known are skipped', () => {
  assert.deepEqual(decodeMessage(Buffer.from('{"type":"busy","stream":1,"more":{}}')), {
    type: 'busy',
    stream: 1,
  })
})

const counts = [undefined, null, -1, 0.5, 2 ** 53, '1', true]
const texts = [undefined, null, 1, {}]
const digests = [
  ...texts,
  '',
  'crc32',
  'crc32:',
  'crc32:0000000',
  'crc32:0000000G',
  'md5:00000000',
  `${digest}0`,
]
const loan = { path: '/proc/1/fd/0', device: '1', inode: '1', at: 0 }
const loans = [
  ...texts.slice(1, 3),
  [],
  {},
  { ...loan, path: '/etc/passwd' },
  { ...loan, path: '/proc/1/fd/../environ' },
  { ...loan, device: '0x1' },
  { ...loan, inode: 1 },
  { ...loan, at: -1 },
  { ...loan, size: 0.5 },
  { ...loan, size: 1, modified: 1 },
  { ...loan, size: 1, modified: '1.5' },
]
const reasons = [...texts, 'x'.repeat(1001)]
/** For each type, values that its fields must not have; `undefined` leaves the field out. */
const wrong: Readonly<Record<Message['type'], Readonly<Record<string, readonly unknown[]>>>> = {
  ended: {},
  missed: { lines: counts },
  bye: { reason: reasons },
  offer: {
    stream: counts,
    digest: [...texts, 'md5', 'CRC32'],
    size: counts.slice(1),
    loan: loans,
    spool: loans,
  },
  borrow: { stream: counts },
  begin: { stream: counts },
  extent: { stream: counts, bytes: counts, seat: counts },
  spool: { spool: [undefined, ...loans] },
  lines: { end: counts, bytes: counts, seat: counts, separator: [...counts, 1] },
  progress: { stream: counts, bytes: counts },
  handed: { stream: counts },
  drained: { stream: counts, bytes: counts, digest: digests },
  call: { stream: counts },
  ready: { stream: counts },
  status: { stream: counts, status: [...counts, 256], reason: reasons },
  busy: { stream: counts },
  withdraw: { stream: counts, reason: reasons },
  end: { stream: counts, bytes: counts.slice(1), digest: digests },
  confirm: { stream: counts, bytes: counts.slice(1), digest: digests },
  ask: { number: counts },
  counters: {
    number: counts,
    upMs: counts,
    bytesIn: counts.slice(1),
    bytesOut: counts.slice(1),
    linesIn: counts.slice(1),
    linesOut: counts.slice(1),
    queueBytes: counts,
    dropped: counts,
  },
  say: { text: reasons },
  cut: {},
  abort: { stream: counts, bytes: counts, code: [...texts, '', 'Closed', 'other'], reason: reasons },
}
for (const [type, fields] of Object.entries(wrong)) {
  for (const [field, values] of Object.entries(fields)) {
    test(`"${type}" with a wrong "${field}" breaks the protocol`, () => {
      const good = messages.findLast((message) => message.type === type)
      for (const value of values) {
        const body = Buffer.from(JSON.stringify({ ...good, [field]: value }))
        assert.throws(
          () => decodeMessage(body),
          swarmError(
            'PROTOCOL',
            new RegExp({ status: 'status', loan: 'wrong "', spool: 'wrong "' }[field] ?? `wrong "${field}"`),
          ),
        )
      }
    })
  }
}

const broken = ['', 'null', '1', '[]', '"ended"', '{', '{}', '{"type":1}', '{"type":""}', '{"type":"Ended"}']
for (const text of [...broken, `{"type":"${'x'.repeat(33)}"}`, `${'['.repeat(8000)}`]) {
  test(`${JSON.stringify(text.slice(0, 20))} is no message`, () => {
    assert.throws(() => decodeMessage(Buffer.from(text)), swarmError('PROTOCOL'))
  })
}

test('whatever comes, it is a message, of an unknown type, or a PROTOCOL error', () => {
  const valid = fc.constantFrom(...messages.map(encodeMessage))
  fc.assert(
    fc.property(
      fc.oneof(
        mutated(valid),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (body) => {
        try {
          decodeMessage(body)
        } catch (error) {
          assert.ok(swarmError('PROTOCOL')(error))
        }
      },
    ),
    { numRuns: 10_000 },
  )
})
