/** The proof of the topic key: pure, and over real encrypted connections. */
import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import test from 'node:test'
import { TopicKey } from '../../src/key.ts'
import { type Handshake, isProved, ownProof } from '../../src/protocol/proof.ts'
import { type NoiseStream, prove } from '../../src/transport/noise/proving.ts'
import { connected } from './helpers/noise.ts'

const auth = new TopicKey(Buffer.alloc(32, 1)).auth()
const otherAuth = new TopicKey(Buffer.alloc(32, 2)).auth()
const keys = { a: Buffer.alloc(32, 0xa), b: Buffer.alloc(32, 0xb) }

function ends(handshakeHash = Buffer.alloc(64, 7)): [Handshake, Handshake] {
  return [
    { isInitiator: true, handshakeHash, publicKey: keys.a, remotePublicKey: keys.b },
    { isInitiator: false, handshakeHash, publicKey: keys.b, remotePublicKey: keys.a },
  ]
}

test('each end proves to the other', () => {
  const [initiator, acceptor] = ends()
  assert.ok(isProved(auth, acceptor, ownProof(auth, initiator)))
  assert.ok(isProved(auth, initiator, ownProof(auth, acceptor)))
})

test('a proof is wrong with another key, reflected, on another connection, and for other key pairs', () => {
  const [initiator, acceptor] = ends()
  const shown = ownProof(auth, initiator)
  assert.ok(!isProved(otherAuth, acceptor, shown))
  assert.ok(!isProved(auth, initiator, shown), 'reflected')
  assert.ok(!isProved(auth, ends(Buffer.alloc(64, 8))[1], shown), 'replayed')
  assert.ok(!isProved(auth, { ...acceptor, remotePublicKey: Buffer.alloc(32, 9) }, shown), 'passed on')
  assert.ok(!isProved(auth, acceptor, shown.subarray(1)), 'cut')
  assert.ok(!isProved(auth, acceptor, Buffer.concat([shown, Buffer.alloc(1)])), 'longer')
  assert.ok(!isProved(auth, acceptor, Buffer.alloc(0)))
  for (let bit = 0; bit < 256; bit++) {
    const flipped = Buffer.from(shown)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.ok(!isProved(auth, acceptor, flipped))
  }
})

/** The next chunk, or `end` when there is none. */
function next(stream: NoiseStream): Promise<string> {
  return new Promise((resolve) => {
    stream.on('data', (chunk) => resolve(Buffer.from(chunk).toString())).on('close', () => resolve('end'))
    stream.resume()
  })
}

test('over an encrypted connection both ends prove, and what follows is not lost', async (t) => {
  const [initiator, acceptor] = await connected(t)
  const accepted = prove(acceptor, auth).then((proved) => {
    acceptor.write(Buffer.from('first'))
    return proved
  })
  assert.deepEqual(await Promise.all([prove(initiator, auth), accepted]), [true, true])
  const answer = next(initiator)
  assert.equal(await answer, 'first')
  initiator.write(Buffer.from('second'))
  assert.equal(await next(acceptor), 'second')
})

test('another key is closed on, and told nothing', async (t) => {
  const [initiator, acceptor] = await connected(t)
  const heard: Uint8Array[] = []
  initiator.on('data', (chunk) => heard.push(chunk))
  assert.deepEqual(await Promise.all([prove(initiator, otherAuth), prove(acceptor, auth)]), [false, false])
  assert.deepEqual(heard, [])
})

test('who says nothing is closed on at the deadline', async (t) => {
  const [, acceptor] = await connected(t)
  assert.equal(await prove(acceptor, auth, 10), false)
  assert.ok(acceptor.destroyed)
})

test('who says anything else first is closed on', async (t) => {
  for (const words of [Buffer.from('GET / HTTP/1.1'), Buffer.alloc(32), Buffer.alloc(60_000)]) {
    const [initiator, acceptor] = await connected(t)
    initiator.write(words)
    assert.equal(await prove(acceptor, auth), false)
  }
})

test('who never ends its first message is closed on before it is large', async (t) => {
  const [initiator, acceptor] = await connected(t)
  const proving = prove(acceptor, auth)
  // Below the encryption: the head of a message of 16 MiB, and a part of it.
  const raw: unknown = initiator.rawStream
  assert.ok(raw instanceof Duplex)
  raw.write(Buffer.from([0xff, 0xff, 0xff]))
  for (let sent = 0; sent < 20; sent++) raw.write(Buffer.alloc(1000))
  assert.equal(await proving, false)
})
