/** A Node program that calls a handler again and again over one link, as `connect` does for each of its runs. */
import { once } from 'node:events'
import { Link, Swarm } from '../../dist/index.js'

/**
 * Waits for a handler on `topic`.
 * @returns a function that makes one call: writes `input`, gives {reply, status}; `undefined` when told busy
 */
export async function callerOn(topic) {
  const swarm = new Swarm({ reads: [], writes: ['calls'] })
  const met = once(swarm, 'connection')
  swarm.join(topic, { server: false, client: true })
  const [stream, info] = await met
  const link = new Link(stream)
  const waiting = new Map()
  let streams = 0
  link.on('message', (message) => waiting.get(`${message.type} ${message.stream}`)?.(message))
  const said = (type, number) => new Promise((resolve) => waiting.set(`${type} ${number}`, resolve))
  return async (input) => {
    const number = ++streams
    const ready = said('ready', number)
    const refused = said('abort', number)
    const told = said('status', number)
    link.say({ type: 'call', stream: number })
    const dial = () => swarm.openStream(info, number)
    // At once, as `connect` does: a handler may be free.
    let connection = await dial().catch(() => undefined)
    if (connection === undefined) {
      const granted = await Promise.race([ready, refused])
      if (granted.type === 'abort') return undefined
      connection = await dial()
    }
    let reply = ''
    connection.pour((chunk) => {
      reply += chunk
      return true
    })
    connection.stream.end(input)
    await once(connection.stream, 'end')
    connection.stream.destroy()
    const { status } = await told
    waiting.delete(`ready ${number}`)
    waiting.delete(`abort ${number}`)
    waiting.delete(`status ${number}`)
    return { reply, status }
  }
}
