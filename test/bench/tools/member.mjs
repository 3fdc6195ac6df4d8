/**
 * One process of a mesh: `member.mjs LIBRARY DIRECTORY TOPIC COUNT`, with lswarm's library, with
 * simple-local-swarm, or with the bare least. All do the same: say 16 bytes to each connection, read those of the other side,
 * and count the processes that said something.
 *
 * Prints a line of JSON once COUNT others are there, or once nobody new has come for a while: how many are there. A first
 * byte that comes after that is told too, with its time.
 */
// Nothing of Node's is imported here: that alone would cost 9 ms, and who is measured may not need it.
const [library, directory, topic, count] = process.argv.slice(2)
const QUIET_MS = 8_000
const ID_BYTES = 16

const id = Buffer.alloc(ID_BYTES)
id.writeUInt32BE(process.pid)
id.writeBigUInt64BE(process.hrtime.bigint(), 4)
const others = new Map()
let isSettled = false
// Who waits for nobody has only to be there.
const quiet = setTimeout(settle, count === '0' ? 500 : QUIET_MS)

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

function settle() {
  if (isSettled) return
  isSettled = true
  clearTimeout(quiet)
  tell({ others: others.size })
}

function meet(stream) {
  let said = Buffer.alloc(0)
  let isNew = true
  stream.on('error', () => {})
  stream.on('close', () => {
    const name = said.toString('hex')
    if (others.get(name) === stream) others.delete(name)
  })
  stream.on('data', (chunk) => {
    if (said.length === ID_BYTES) return
    if (isNew && isSettled) tell({ byte: Number(process.hrtime.bigint()) / 1e9 })
    isNew = false
    said = Buffer.concat([said, chunk]).subarray(0, ID_BYTES)
    if (said.length === ID_BYTES) hear(said.toString('hex'), stream)
  })
  stream.write(id)
}

function hear(name, stream) {
  others.set(name, stream)
  if (isSettled) return
  quiet.refresh()
  if (others.size === Number(count)) settle()
}

const SWARMS = {
  lswarm: async (options) => new (await import('../../../dist/index.js')).Swarm(options),
  bare: async (options) => new (await import('./bare-swarm.mjs')).BareSwarm(options),
  'simple-local-swarm': async (options) => (await import('simple-local-swarm')).default(options),
}

const swarm = await SWARMS[library]({ basedir: directory })
swarm.on('error', () => {})
swarm.on('connection', meet)
swarm.join(topic)
