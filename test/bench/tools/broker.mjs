/**
 * One end of a broker's topic: `broker.mjs pub|sub PROTOCOL PLACE COUNT [ID]`, as little as the protocol
 * allows. Says `ready` on stderr. A publisher then waits for a line on stdin; a subscriber prints what it got.
 */
import { connect } from 'node:net'
import { BODY_BYTES, body, Tally } from './tally.mjs'

const [role, name, where, count, id = '0'] = process.argv.slice(2)
const ROOM = 'room'
const CHUNK = 500
/** Messages of QoS 1 on their way at once: what mosquitto_pub allows itself. */
const INFLIGHT = 20

const mqttRoom = `\0${String.fromCharCode(ROOM.length)}${ROOM}`
const mqttConnect = `\x10\x10\0\x04MQTT\x04\x02\0\0\0\x04${role[0]}${id.padStart(3, '0')}`
const mqtt = (qos) => ({
  greeting:
    role === 'pub' ? mqttConnect : `${mqttConnect}\x82\x09\0\x01${mqttRoom}${String.fromCharCode(qos)}`,
  answer: role === 'pub' ? '\x20\x02\0\0' : `\x90\x03\0\x01${String.fromCharCode(qos)}`,
  head: 2 + mqttRoom.length + 2 * qos,
  tail: 0,
  publication: (number) => {
    const mark =
      qos === 0 ? '' : String.fromCharCode(((number % 65535) + 1) >> 8, ((number % 65535) + 1) & 255)
    const length = mqttRoom.length + mark.length + BODY_BYTES
    return `${qos === 0 ? '0' : '2'}${String.fromCharCode(length)}${mqttRoom}${mark}${body(number)}`
  },
  isAcknowledged: qos === 1,
})

const protocol = {
  redis: {
    greeting: role === 'pub' ? 'PING\r\n' : `SUBSCRIBE ${ROOM}\r\n`,
    answer: role === 'pub' ? '+PONG\r\n' : ':1\r\n',
    head: `*3\r\n$7\r\nmessage\r\n$4\r\n${ROOM}\r\n$${BODY_BYTES}\r\n`.length,
    tail: 2,
    publication: (number) => `*3\r\n$7\r\nPUBLISH\r\n$4\r\n${ROOM}\r\n$${BODY_BYTES}\r\n${body(number)}\r\n`,
  },
  nats: {
    greeting: `CONNECT {"verbose":false}\r\n${role === 'pub' ? '' : `SUB ${ROOM} 1\r\n`}PONG\r\nPING\r\n`,
    answer: 'PONG\r\n',
    head: `MSG ${ROOM} 1 ${BODY_BYTES}\r\n`.length,
    tail: 2,
    publication: (number) => `PUB ${ROOM} ${BODY_BYTES}\r\n${body(number)}\r\n`,
  },
  mqtt0: mqtt(0),
  mqtt1: mqtt(1),
}[name]

const socket = connect(/^\d+$/.test(where) ? { port: Number(where), host: '127.0.0.1' } : { path: where })
socket.setNoDelay?.(true)
socket.on('close', () => process.exit())
socket.write(Buffer.from(protocol.greeting, 'latin1'))
let greeted = ''
const hear = (chunk) => {
  greeted += chunk.latin1Slice()
  if (!greeted.endsWith(protocol.answer)) return
  socket.off('data', hear)
  process.stderr.write('ready\n')
  if (role === 'sub') subscribe()
  else process.stdin.once('data', publish)
}
socket.on('data', hear)

function subscribe() {
  const tally = new Tally(Number(count))
  const unit = protocol.head + BODY_BYTES + protocol.tail
  let left = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    left = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    const acknowledgements = []
    let at = 0
    for (; at + unit <= left.length; at += unit) {
      tally.add(left.latin1Slice(at + protocol.head, at + protocol.head + 10))
      const mark = at + protocol.head - 2
      if (protocol.isAcknowledged) acknowledgements.push(0x40, 2, left[mark], left[mark + 1])
    }
    left = left.subarray(at)
    if (acknowledgements.length > 0) socket.write(Buffer.from(acknowledgements))
  })
}

function publish() {
  let sent = 0
  const send = (upTo) => {
    let text = ''
    while (sent < Math.min(upTo, Number(count))) text += protocol.publication(sent++)
    return text === '' || socket.write(Buffer.from(text, 'latin1'))
  }
  if (protocol.isAcknowledged) {
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
      send(Math.floor(bytes / 4) + INFLIGHT)
    })
    send(INFLIGHT)
    return
  }
  socket.resume()
  const go = () => {
    while (sent < Number(count)) if (!send(sent + CHUNK)) return void socket.once('drain', go)
  }
  go()
}
