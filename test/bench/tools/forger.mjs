/**
 * Floods whoever is on a topic with bad signatures, `forger.mjs TOPIC`: takes true messages that it is
 * sent, gives them numbers that are yet to come, and sends them on as fast as they are taken. Cut off, it
 * comes back as somebody else. Says `ready` on stderr when it has sent the first.
 */
import { Link, Swarm } from '../../../dist/index.js'

/** Where a batch has its first number: after its operation, author and session. */
const NUMBER_AT = 1 + 32 + 8
const FRAMES_AT_ONCE = 64

const [topic] = process.argv.slice(2)
/** A message in true form, and its number. */
let frame
let number = 0n

function forge() {
  number += 1n
  const forged = Buffer.from(frame)
  forged.writeBigUInt64BE(number, NUMBER_AT)
  return forged
}

function come() {
  const swarm = new Swarm()
  let isLeaving = false
  const leave = () => {
    if (!isLeaving) swarm.destroy({ lingerMs: 0 }).then(come, come)
    isLeaving = true
  }
  swarm.on('connection', (stream) => {
    const link = new Link(stream)
    const flood = () => {
      if (stream.destroyed || link.ending) return
      for (let sent = 0; frame !== undefined && sent < FRAMES_AT_ONCE; sent++)
        link.writeGossip(forge(), () => {})
      if (stream.writableNeedDrain) stream.once('drain', flood)
      else setImmediate(flood)
    }
    link.on('gossip', (taken) => {
      if (frame !== undefined || taken[0] !== 1) return
      frame = Buffer.from(taken)
      number = frame.readBigUInt64BE(NUMBER_AT) + 1000n
      process.stderr.write('ready\n')
    })
    link.once('close', leave)
    flood()
  })
  swarm.join(topic, { reads: ['messages'], writes: ['messages'] })
}

come()
