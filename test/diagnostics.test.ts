/** No error of the sources is missing in DIAGNOSTICS, and a test raises each line of it: diagnostics-NAME.test.ts, or `elsewhere`. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { diagnostics } from './helpers/diagnostics.ts'
import { isListed } from './helpers/listed.ts'
import { titleOf } from './helpers/raise.ts'
import { errors, messages as ofMessages, warnings } from './helpers/raised.ts'
import { HOLE, textsOf } from './helpers/texts.ts'

const root = join(import.meta.dirname, '..')

/** Those that need more than a script: the test that raises them, which asserts these words. */
const elsewhere: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'the network needs the package PACKAGE, which is not installed: npm install TEXT': [
    'test/network-keys.bats',
    'which is not installed',
  ],
  'cannot load NAME, a native module that the network needs: REASON': [
    'test/plain-node-words.bats',
    'a native module that the network needs',
  ],
  'COMMAND: cannot be started (REASON)': ['test/plain-node-words.bats', 'cannot be started'],
  'cannot use sockets: REASON': ['test/plain-node-words.bats', 'cannot use sockets'],
  'this Node cannot use WebAssembly, so it cannot draw the TEXT': [
    'test/plain-node-words.bats',
    'it cannot draw the live view',
  ],
  'cut by NAME': ['test/top.bats', 'cut by'],
  'too many open files (raise the limit with ulimit -n)': [
    'test/exec-faults.bats',
    'raise the limit with ulimit',
  ],
  'N DATAGRAMS came too fast to be read': ['test/unit/datagram.test.ts', 'stats.overrun, 1'],
  'N CONNECTIONS cut: NAMES did not get all': ['test/raw-cut.bats', 'did not get all'],
  'NAME did not get all that was sent': ['test/raw-cut.bats', 'did not get all'],
  'incomplete: the connection with NAME was cut': ['test/raw-cut.bats', 'incomplete: the connection with'],
  'waiting for NAME to answer record N': ['test/queue-stopped.bats', 'waiting for one to answer record 1'],
  'the reply of NAME broke off': ['test/connect-all.bats', 'broke off'],
  'missed N LINES from NAME': ['test/slow.bats', 'missed'],
  'NAME REASON: cut off': ['test/slow-cut.bats', 'cut off'],
  'a line longer than N bytes is not sent; use lswarm send': ['test/join-long.bats', 'is not sent'],
  'cannot stand for NAME: REASON': ['test/unit/bridge.test.ts', 'cannot stand for'],
  'too few file descriptors for all peers: raise the limit (ulimit -n)': [
    'test/runtime-directory-full.bats',
    'too few file descriptors',
  ],
  'no answer from the network yet: TEXT': ['test/dht-lost.bats', 'no answer from the network'],
  'somebody is on the topic, and refuses us or cannot be reached: TEXT': [
    'test/dht-allow.bats',
    'refuses us',
  ],
  'gave up URL: REASON': ['test/endpoint.bats', 'gave up'],
  'PATH could only be written in place: it holds the first N bytes, and no more': [
    'test/descriptors-output.bats',
    'could only be written in place',
  ],
}

const messages = diagnostics.map(({ message }) => message)

for (const diagnostic of diagnostics) {
  const { message } = diagnostic
  if ([errors, warnings, ofMessages].some((scripts) => message in scripts)) continue
  test(titleOf(diagnostic), () => {
    const [file = '', words = ''] = elsewhere[message] ?? []
    assert.notEqual(words, '', 'nothing raises it')
    assert.ok(readFileSync(join(root, file), 'utf8').includes(words), file)
  })
}

/**
 * Errors that nobody sees as a line of their own, with {} for what is put in: what is said of a peer whose bytes are wrong,
 * or after "broke off:" and the like; and what a program is told that uses the library wrongly.
 */
const apart: ReadonlySet<string> = new Set([
  'a bridge has a list of transports',
  'a bridge has two ends',
  'a command without NUL bytes',
  'a connection without a hello',
  'a frame of type {} with {} bytes',
  'a frame that is not JSON',
  'a frame that is not a JSON object',
  'a frame whose call has no such number',
  'a frame with a wrong "{}"',
  'a frame without the number of its call',
  'a hello of {} bytes',
  'a message of {} bytes fits no datagram',
  'a message of {} bytes; {}',
  'a gossip needs a swarm: new Gossip(swarm, topic)',
  'a link without a confirmation',
  'a seed of {} bytes',
  'a tag is at most {} bytes of printable text',
  'a topic is a string or a Buffer of 32 bytes, not {}',
  'a topic is well-formed Unicode',
  'an author whose key is none',
  'another peer answered',
  'beyond this machine a topic needs a key, or public: true',
  'cannot connect: {}',
  'cannot keep its reply in {}: {}',
  'frame type {} in the handshake',
  'given up: it took too long',
  'gossip of numbers that cannot be',
  'gossip of {} bytes',
  'granted too much',
  'join as server, as client, or as both',
  'memory needs a hub: memory(new Hub())',
  'messages with {}',
  'no connection with this peer',
  'no hello within {} s',
  'nobody at {}',
  'not UTF-8',
  'not a JSON value: {}',
  'not a connection of lswarm',
  'not an address of this machine',
  'not an ed25519 key',
  'not an ed25519 private key: {}',
  'only an observer of local topics can survey them',
  'protocol version {}; this is version 1',
  'sent too much',
  'the connection ended before the hello',
  'the connection was cut',
  'the connection was lost',
  'the connection was lost before the end of its reply',
  'the file was cut short: it had {}',
  'the link ended inside a frame',
  'the peer is not on this topic',
  'the reader of its output went away',
  'the spool is shorter than was said',
  'the swarm has joined this topic already',
  'the options of {} are an object, not {}',
  'the topic was left',
  'there is nothing to dial',
  'unknown frame type {}',
  'what it lent is there no longer',
  '{} cannot be dialled',
  '{} did not dial for the reply',
  '{} failed: {}',
  '{} has no option {}; it has {}',
  '{} is {}, not {}',
  '{} messages wait to be sent: there is no room for more',
])

/** The texts of a source that are neither a diagnostic nor for programs. */
function unlisted(source: string): string[] {
  return textsOf(source)
    .filter((text) => /[a-z]/i.test(text))
    .filter((text) => !isListed(text, messages) && !apart.has(shown(text)))
}

function shown(text: string): string {
  return text.replaceAll(HOLE, '{}')
}

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => [name, readFileSync(join(root, 'src', name), 'utf8')] as const)

test('every error and warning of the sources is one of these, or is for programs', () => {
  const missing = sources.flatMap(([name, source]) =>
    unlisted(source).map((text) => `${name}: ${shown(text)}`),
  )
  assert.deepEqual(missing, [])
})

test('what is for programs is said in the sources', () => {
  const said = new Set(sources.flatMap(([, source]) => textsOf(source).map(shown)))
  assert.deepEqual(
    [...apart].filter((text) => !said.has(text)),
    [],
  )
})

test('a text that no diagnostic lists is found, however it is raised', () => {
  const texts = {
    "throw new SwarmError('INPUT', 'the moon is full')": 'the moon is full',
    'report.warn(`${name}: the moon is full`, { name })': '{}: the moon is full',
    'throw new SwarmError(\n  "INPUT",\n  `cannot see ${moon(1, "a")}: ${why}`,\n  error,\n)':
      'cannot see {}: {}',
    "this.#host.warn(full ? 'the moon is full' : `cannot read ${path}: ${reason}`)": 'the moon is full',
    "swarm.emit('warning', `the moon is ${phase}`)": 'the moon is {}',
    "throw new SwarmError('INPUT', `${verb} takes the moon`)": '{} takes the moon',
  }
  for (const [source, text] of Object.entries(texts))
    assert.deepEqual(unlisted(source).map(shown), [text], source)
})

test('no diagnostic lists a text with other words', () => {
  for (const { message } of diagnostics) {
    assert.ok(isListed(message, [message]), message)
    assert.ok(!isListed(`the moon ${message}`, messages), message)
    const other = message.replace(/[a-z]{3,}(?=[^a-z]|$)/, 'moon')
    if (other !== message) assert.ok(!isListed(other, messages), message)
  }
})
