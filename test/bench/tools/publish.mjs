/**
 * The cheapest publisher: `publish.mjs FILE PLACE GREETING ANSWER` says GREETING to a broker, waits for
 * ANSWER and then for a line on stdin, and writes FILE, which holds ready-made messages.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

const [file, where, greeting, answer] = process.argv.slice(2).map(decodeURIComponent)
const CHUNK_BYTES = 1_048_576

const messages = readFileSync(file)
const place = /^\d+$/.test(where) ? { port: Number(where), host: '127.0.0.1' } : { path: where }
const socket = connect(place)
let heard = ''
socket.on('data', (chunk) => {
  if (heard === undefined) return
  heard += chunk.latin1Slice()
  if (!heard.endsWith(answer)) return
  heard = undefined
  process.stderr.write('connected\n')
})
socket.write(Buffer.from(greeting, 'latin1'))
socket.on('close', () => process.exit())
process.stdin.once('data', () => write(0))

function write(at) {
  if (at >= messages.length) return
  socket.write(messages.subarray(at, at + CHUNK_BYTES), () => write(at + CHUNK_BYTES))
}
