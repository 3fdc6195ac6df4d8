/**
 * Through a private DHT on loopback, from one process to another: `send --dht` to `recv --dht`, hyperbeam, and a bare socket of
 * Hyperswarm's. The receiver waits; the clock runs from the start of the sender to the first byte, and from there to the last.
 * Only lswarm's is confirmed: the others lose their last bytes when the sender ends by itself.
 */
import { randomBytes } from 'node:crypto'
import {
  dataFile,
  freshPath,
  freshTopic,
  inTurns,
  LSWARM,
  now,
  sizeText,
  table,
  withJobs,
} from './harness.mjs'

export const peers = []

const REFERENCE = 'hyperswarm, bare'
const MIB = 1 << 20
const CLOCK = '{ "$NODE" "$TOOLS/clock.mjs" "$SIZE" >/dev/null; }'

const COLUMNS = [
  { title: 'rate', of: 'seconds', as: 'rate' },
  { title: 'first byte', of: 'first', as: 'cost' },
]

export async function compare({ runs, size = 128 * MIB, progress, show }) {
  const key = freshPath('key')
  await withJobs((start) => start(`umask 077; ${LSWARM} key new >"$KEY"`, { KEY: key }).done())
  const variables = { FILE: dataFile(size), KEY: key, SIZE: size }
  const rows = [
    { name: 'lswarm', run: () => timed(variables, swarmed()) },
    { name: 'hyperbeam', run: () => timed(variables, other('hyperbeam')) },
    { name: REFERENCE, run: () => timed(variables, other('hyperswarm')) },
  ]
  const measured = await inTurns(rows, runs, progress)
  show(table({ title: `dht: ${sizeText(size)}`, reference: REFERENCE, columns: COLUMNS, rows, ...measured }))
}

function swarmed() {
  const options = '--dht --bootstrap "$NETWORK" --key-file "$KEY"'
  const topic = freshTopic()
  return {
    // Two machines: what they share is the network.
    recv: `${LSWARM} recv ${topic} --ready --dir "$(mktemp -d -p "$LSWARM_DIR")" ${options}`,
    send: `${LSWARM} send ${topic} --dir "$(mktemp -d -p "$LSWARM_DIR")" ${options}`,
  }
}

function other(way) {
  const secret = randomBytes(32).toString('hex')
  const program = (role) => `"$NODE" "$TOOLS/beam.mjs" ${way} ${role} "$NETWORK" ${secret}`
  return { recv: program('recv'), send: program('send') }
}

function timed(variables, { recv, send }) {
  return withJobs(async (start) => {
    const network = start(`${LSWARM} bootstrap --host 127.0.0.1 --port 0`)
    await network.hears(/^--bootstrap .*\n/m, 'stdout')
    const [, node] = network.stdout.trim().split(' ')
    const all = { ...variables, NETWORK: node }
    const receiver = start(`${recv} | ${CLOCK}`, all)
    await receiver.hears(/ready/)
    const since = now()
    start(`${send} <"$FILE"`, all)
    const first = await receiver.hears(/^first$/m)
    const last = await receiver.hears(/^all$/m)
    return { seconds: last - first, first: first - since }
  })
}
