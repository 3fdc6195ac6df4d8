/**
 * Rosters: who is on a topic at the other end of an encrypted connection. That is the program itself,
 * if it is announced, and those for whom it stands (a bridge). Told only to who asks for the topic by
 * its id, and again whenever it changes.
 *
 *     "lswarm/1/here", the topic's id        one message: a byte, 1 for itself, and 16 for each of the others
 */
import type Protomux from 'protomux'
import type { Channel } from 'protomux'
import { limits } from '../../limits.ts'

export const ROSTER_PROTOCOL = 'lswarm/1/here'
const ID_BYTES = 16

/** Who is announced: `''` the program itself, the others by peer id. */
export type Names = readonly string[]

export class Roster {
  /** Who is there at the other end. */
  names: Names = []
  /** Resolves when the other end has said who is there, or has not got the topic. */
  readonly heard: Promise<void>
  readonly #channel: Channel | undefined

  /**
   * @param tell says who is here
   * @param onchange called when the other end has said who is there, and when it has gone
   */
  constructor(mux: Protomux, topicId: Buffer, tell: () => Names, onchange: () => void) {
    let heard = () => {}
    this.heard = new Promise((resolve) => {
      heard = resolve
    })
    const onmessage = (body: Uint8Array) => {
      this.names = decode(Buffer.from(body))
      heard()
      onchange()
    }
    this.#channel =
      mux.createChannel({
        protocol: ROSTER_PROTOCOL,
        id: topicId,
        messages: [{ onmessage }],
        onopen: () => this.tell(tell()),
        onclose: () => {
          this.names = []
          heard()
          onchange()
        },
        ondrain: () => {},
      }) ?? undefined
    if (this.#channel === undefined) heard()
    this.#channel?.open()
  }

  get closed(): boolean {
    return this.#channel?.closed !== false
  }

  tell(names: Names): void {
    if (!this.closed) this.#channel?.messages[0]?.send(encode(names))
  }

  close(): void {
    if (!this.closed) this.#channel?.close()
  }
}

function encode(names: Names): Buffer {
  const others = names.filter((name) => name !== '').slice(0, limits.rosterPeers)
  return Buffer.concat([
    Buffer.from([names.includes('') ? 1 : 0]),
    ...others.map((name) => Buffer.from(name, 'hex')),
  ])
}

/** What is no roster is nobody. */
function decode(body: Buffer): Names {
  const count = (body.length - 1) / ID_BYTES
  if (!Number.isInteger(count) || count < 0 || count > limits.rosterPeers) return []
  const others = Array.from({ length: count }, (_, at) =>
    body.toString('hex', 1 + at * ID_BYTES, 1 + (at + 1) * ID_BYTES),
  )
  return body[0] === 1 ? ['', ...others] : others
}
