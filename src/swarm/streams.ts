/** The streams of one topic: connections beside the links, each for bytes alone; dialled, and accepted. */
import { destroyedError } from '../abort.ts'
import { now } from '../clock.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { encodeGo, encodeHello, type Hello, type Refusal, readAnswer } from '../protocol/hello.ts'
import type { Presence } from '../transport/transport.ts'
import type { Connections } from './connections.ts'
import type { Links } from './links.ts'
import type { OwnHello } from './own-hello.ts'
import type { IncomingStream, PeerInfo } from './peer.ts'
import { respite, type TransportSession } from './transport-session.ts'

export interface StreamsOptions {
  readonly own: OwnHello
  readonly links: Links
  readonly connections: Connections
  /** The transport on which a peer is linked, or was met. */
  readonly transportOf: (info: PeerInfo) => TransportSession | undefined
  /** Aborts when the topic is left. */
  readonly signal: AbortSignal
}

export class Streams {
  readonly #own: OwnHello
  readonly #links: Links
  readonly #connections: Connections
  readonly #transportOf: (info: PeerInfo) => TransportSession | undefined
  readonly #signal: AbortSignal

  constructor({ own, links, connections, transportOf, signal }: StreamsOptions) {
    this.#own = own
    this.#links = links
    this.#connections = connections
    this.#transportOf = transportOf
    this.#signal = signal
  }

  /**
   * Dials a linked peer once more, for a stream.
   * @param stream the number in the peer's offer
   * @throws SwarmError UNREACHABLE, REFUSED, PROTOCOL, TIMEOUT, DESTROYED
   */
  async open(info: PeerInfo, stream: number): Promise<Connection> {
    const deadline = now() + limits.helloMs
    let hasLooked = false
    for (;;) {
      const on = this.#transportOf(info)
      const address = this.#links.addressOf(info.id, on?.key ?? '') ?? info.address
      if (address === undefined || on?.presence === undefined)
        throw new SwarmError('UNREACHABLE', `${info.name} cannot be dialled`)
      try {
        return await this.#dial(on.presence, address, info, stream)
      } catch (error) {
        if (this.#signal.aborted) throw destroyedError()
        const code = error instanceof SwarmError ? error.code : undefined
        if (code === 'UNREACHABLE' && !hasLooked) {
          hasLooked = true
          // It may have been announced anew, at another address, since the last look.
          await on.refresh().catch(() => {})
        } else if (code === 'BUSY' && now() <= deadline) await respite(this.#signal)
        else throw error
      }
    }
  }

  /** What the program is asked about a stream that a peer has dialled; `undefined` for one that is refused. */
  async incoming(connection: Connection, hello: Hello): Promise<IncomingStream | undefined> {
    const mine = this.#own.ofStream()
    // Its link may be confirmed in this moment.
    await this.#links.confirmed(hello.peer, this.#signal)
    const info = this.#links.get(hello.peer)?.info
    if (info === undefined || hello.stream === undefined || hello.topic !== mine.topic) {
      this.#connections.refuse(connection, { code: 'useless', reason: 'a stream without a link' }, mine)
      return undefined
    }
    const refuse = (refusal: Refusal) => {
      clearTimeout(timer)
      this.#connections.refuse(connection, refusal, mine)
    }
    // The dialler gives up after the same time.
    const timer = setTimeout(refuse, limits.helloMs, { code: 'busy', reason: 'no answer' })
    connection.stream.once('close', () => clearTimeout(timer))
    return {
      info,
      stream: hello.stream,
      accept: () => {
        clearTimeout(timer)
        this.#connections.establish(connection)
        connection.stream.write(encodeGo(mine))
        return connection
      },
      refuse,
    }
  }

  async #dial(presence: Presence, address: string, info: PeerInfo, stream: number): Promise<Connection> {
    const connection = await this.#connections.dial(presence, address, { exact: true, signal: this.#signal })
    try {
      connection.stream.write(encodeHello(this.#own.ofStream(stream)))
      const { hello, refusal } = await this.#connections.read(connection, readAnswer)
      if (refusal !== undefined) throw new SwarmError('REFUSED', refusal.reason)
      if (hello.peer !== info.id) throw new SwarmError('REFUSED', 'another peer answered')
      this.#connections.establish(connection)
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    }
  }
}
