/** Swarms that meet at named places. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { TopicKey } from '../../src/key.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { type EndpointOptions, endpoints } from '../../src/transport/endpoint/endpoint.ts'
import type { TlsFiles } from '../../src/transport/endpoint/url.ts'
import { swarmError } from './helpers/errors.ts'
import { temporaryDirectory } from './helpers/scene.ts'
import { freeTcpPort } from './helpers/tcp.ts'
import { event, within } from './helpers/wait.ts'
import { createSwarm, metBy, readAll, untilConnected } from './helpers/ways.ts'

const key = TopicKey.random()

function create(t: TestContext, options: EndpointOptions): Swarm {
  return createSwarm(t, { transports: endpoints(options) })
}

/** Sends much one way and little the other. */
async function exchange(a: Swarm, b: Swarm, transport: string): Promise<void> {
  const [metA, metB] = [metBy(a), metBy(b)]
  a.join('t')
  b.join('t')
  await untilConnected(1, a, b)
  const [near, far] = [metA[0], metB[0]]
  assert.ok(near && far)
  assert.deepEqual([near.info.transport, far.info.transport], [transport, transport])
  const large = Buffer.alloc(1_000_000, 'lswarm')
  near.stream.end(large)
  far.stream.end('short')
  const [there, back] = await Promise.all([readAll(far.stream), readAll(near.stream)])
  assert.ok(there.equals(large))
  assert.equal(back.toString(), 'short')
}

test('tcp: bytes are exact in both directions, and ends are heard', async (t) => {
  const url = `tcp://127.0.0.1:${await freeTcpPort()}`
  await exchange(create(t, { key, listen: [url] }), create(t, { key, connect: [url] }), 'tcp')
})

test('tcp: who connects may be there first', async (t) => {
  const url = `tcp://127.0.0.1:${await freeTcpPort()}`
  const seeker = create(t, { key, connect: [url], retryMs: 20 })
  await within(seeker.join('t').flushed(), 'flushed')
  const late = create(t, { key, listen: [url] })
  late.join('t')
  await untilConnected(1, seeker, late)
})

test('tcp: a peer that is started again is met again', async (t) => {
  const url = `tcp://127.0.0.1:${await freeTcpPort()}`
  const seeker = create(t, { key, connect: [url], retryMs: 20 })
  seeker.on('connection', (stream) => stream.resume().once('end', () => stream.end()))
  seeker.join('t')
  for (let run = 0; run < 2; run++) {
    const host = create(t, { key, listen: [url] })
    host.join('t')
    await untilConnected(1, seeker, host)
    await host.destroy({ lingerMs: 0 })
    await untilConnected(0, seeker)
  }
})

test('tcp: another key meets nobody', async (t) => {
  const url = `tcp://127.0.0.1:${await freeTcpPort()}`
  const host = create(t, { key, listen: [url] })
  const [stranger, friend] = [
    create(t, { key: TopicKey.random(), connect: [url] }),
    create(t, { key, connect: [url] }),
  ]
  for (const swarm of [host, stranger, friend]) swarm.join('t')
  await untilConnected(1, host, friend)
  await within(stranger.status('t')?.refresh() ?? Promise.resolve(), 'refresh')
  assert.equal(stranger.connections.size, 0)
})

test('tcp: after so many retries it is given up, and that is told', async (t) => {
  const url = `tcp://127.0.0.1:${await freeTcpPort()}`
  const seeker = create(t, { key, connect: [url], retryMs: 1, maxRetries: 2 })
  const told = event(seeker, 'warning')
  seeker.join('t')
  assert.match(String((await told)[0]), /gave up tcp:\/\/127.0.0.1:\d+: connection refused/)
})

test('unix: a path that only its owner may use, and that is gone at the end', async (t) => {
  const path = join(temporaryDirectory(t), 'socket')
  const [host, guest] = [create(t, { listen: [`unix:${path}`] }), create(t, { connect: [`unix:${path}`] })]
  await exchange(host, guest, 'unix')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  await host.destroy({ lingerMs: 0 })
  assert.equal(existsSync(path), false)
})

test('unix: the socket of somebody who was killed is replaced, and nothing else', async (t) => {
  const path = join(temporaryDirectory(t), 'socket')
  const listen = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', listen])
  assert.ok(existsSync(path))
  const host = create(t, { listen: [`unix:${path}`] })
  await within(host.join('t').flushed(), 'flushed')
  const second = create(t, { listen: [`unix:${path}`] })
  await assert.rejects(
    within(second.join('t').flushed(), 'flushed'),
    swarmError('NETWORK', /address already in use/),
  )
  const file = join(temporaryDirectory(t), 'file')
  writeFileSync(file, 'precious')
  const third = create(t, { listen: [`unix:${file}`] })
  await assert.rejects(
    within(third.join('t').flushed(), 'flushed'),
    swarmError('NETWORK', /address already in use/),
  )
  assert.equal(readFileSync(file, 'utf8'), 'precious')
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** A CA, and what it has signed. */
function certificates(t: TestContext): TlsFiles {
  const dir = temporaryDirectory(t)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  const fresh = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(...fresh, '-x509', '-days', '2', '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl(...fresh, '-subj', '/CN=peer', '-keyout', 'peer.key', '-out', 'peer.csr')
  writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1')
  openssl(
    ...['x509', '-req', '-in', 'peer.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'names', '-out', 'peer.pem'],
  )
  const read = (name: string) => readFileSync(join(dir, name))
  return { key: read('peer.key'), cert: read('peer.pem'), ca: read('ca.pem') }
}

test('tls: certificates of one CA meet, another one meets nobody', { skip: !hasOpenssl }, async (t) => {
  const url = `tls://127.0.0.1:${await freeTcpPort()}`
  const [tls, foreign] = [certificates(t), certificates(t)]
  const stranger = create(t, { tls: foreign, connect: [url], retryMs: 10, maxRetries: 1 })
  const believer = create(t, { tls: { ...foreign, ca: tls.ca }, connect: [url], retryMs: 10 })
  for (const swarm of [stranger, believer]) swarm.join('t')
  await exchange(create(t, { tls, listen: [url] }), create(t, { tls, connect: [url] }), 'tls')
  assert.equal(stranger.connections.size + believer.connections.size, 0)
})

test('what is no endpoint, and what is missing, is told', () => {
  const wrong = [
    '',
    'tcp://',
    'tcp://host',
    'tcp://host:65536',
    'http://host:1',
    'unix:',
    'tcp:host:1',
    'tcp://h:1/x',
  ]
  for (const url of wrong)
    assert.throws(() => endpoints({ key, listen: [url] }), swarmError('OPTION_INVALID'), url)
  assert.throws(() => endpoints({ key, connect: ['tcp://host:0'] }), swarmError('OPTION_INVALID'))
  assert.throws(() => endpoints({ connect: ['tcp://host:1'] }), swarmError('KEY_INVALID'))
  assert.throws(
    () => endpoints({ key, connect: ['tls://host:1'] }),
    swarmError('OPTION_INVALID', /certificate/),
  )
  assert.deepEqual(
    endpoints({ key, listen: ['unix:/x'], connect: ['tcp://[::1]:1', 'tcp://host:2'] }).map(
      ({ name }) => name,
    ),
    ['tcp', 'unix'],
  )
})
