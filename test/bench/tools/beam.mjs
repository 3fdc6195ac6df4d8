/**
 * The other ways through the DHT, between stdin and stdout: `beam.mjs hyperbeam|hyperswarm recv|send BOOTSTRAP KEY`
 * (KEY: 64 hex digits, as both take it in their way). `recv` waits, and says `ready`; `send` has to be ended.
 */
import { once } from 'node:events'
import process from 'node:process'
import DHT from 'hyperdht'

const [way, role, bootstrap, key] = process.argv.slice(2)
const dht = new DHT({ bootstrap: [bootstrap], host: '127.0.0.1' })
const streams = { hyperbeam, hyperswarm }
const stream = await streams[way]()
stream.on('error', () => {})
if (role === 'recv') {
  for await (const chunk of stream) if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
  process.exit(0)
}
stream.resume()
for await (const chunk of process.stdin) if (!stream.write(chunk)) await once(stream, 'drain')
stream.end()
// Nothing confirms the last bytes, and who ends at once takes them along: until it is killed.
await once(stream, 'close')

async function hyperbeam() {
  const { default: Hyperbeam } = await import('hyperbeam')
  const { default: base32 } = await import('hi-base32')
  const passphrase = base32.encode(Buffer.from(key, 'hex')).replace(/=/g, '').toLowerCase()
  const beam = new Hyperbeam(passphrase, { announce: role === 'recv', dht })
  if (role === 'recv') beam.on('remote-address', ready)
  return beam
}

async function hyperswarm() {
  const { default: Hyperswarm } = await import('hyperswarm')
  const swarm = new Hyperswarm({ dht })
  const connected = new Promise((resolve) => swarm.once('connection', resolve))
  const isServer = role === 'recv'
  await swarm.join(Buffer.from(key, 'hex'), { server: isServer, client: !isServer }).flushed()
  if (isServer) ready()
  return connected
}

function ready() {
  process.stderr.write('ready\n')
}
