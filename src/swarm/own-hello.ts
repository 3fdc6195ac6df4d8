/** Our own hello, as it is said on each transport of a topic. */
import { limits } from '../limits.ts'
import type { Hello } from '../protocol/hello.ts'
import type { Topic } from '../topic.ts'
import type { TransportSession } from './transport-session.ts'

export interface Roles {
  /** Be findable, and accept. */
  readonly server: boolean
  /** Look for others, and dial. */
  readonly client: boolean
  /** Kinds of content that we take on this topic, … */
  readonly reads: readonly string[]
  /** … and give. */
  readonly writes: readonly string[]
}

/** What several sessions of a topic want together. */
export function mergeRoles(all: readonly Roles[]): Roles {
  return {
    server: all.some((one) => one.server),
    client: all.some((one) => one.client),
    reads: [...new Set(all.flatMap((one) => one.reads))],
    writes: [...new Set(all.flatMap((one) => one.writes))],
  }
}

/** Our own hello, without what the topic, the roles and the transport add. */
export type Self = Omit<Hello, 'kind' | 'server' | 'client' | 'reads' | 'writes'>

export class OwnHello {
  readonly #self: Self
  readonly #topic: Topic | undefined
  readonly #transports: readonly TransportSession[]
  readonly #ofStream: Hello
  /** The last hello on each transport, and what it was made of. */
  readonly #last = new Map<
    TransportSession,
    { readonly roles: Roles; readonly addresses: readonly (string | undefined)[]; readonly hello: Hello }
  >()

  /** @param transports all of the topic: a hello on one carries marks of the others */
  constructor(self: Self, topic: Topic | undefined, transports: readonly TransportSession[]) {
    this.#self = self
    this.#topic = topic
    this.#transports = transports
    const { peer, name, verb } = self
    const nothing = { server: false, client: false, observer: false, reads: [], writes: [] }
    this.#ofStream = { kind: 'stream', peer, name, verb, ...nothing, ...(topic && { topic: topic.hex }) }
  }

  /** The hello of a link on this transport: the same object, and so encoded once, until a role or an address changes. */
  on(session: TransportSession, roles: Roles): Hello {
    const last = this.#last.get(session)
    const isSame =
      last?.roles === roles && this.#transports.every(({ address }, at) => address === last.addresses[at])
    if (last !== undefined && isSame) return last.hello
    const hello = this.#make(session, roles)
    this.#last.set(session, { roles, addresses: this.#transports.map(({ address }) => address), hello })
    return hello
  }

  /**
   * The hello of a stream, short: the link has told all else. What an acceptor says is the same object each time.
   * @param stream the number in the peer's offer, from who asks for it
   */
  ofStream(stream?: number): Hello {
    if (stream !== undefined) return { ...this.#ofStream, stream }
    return this.#ofStream
  }

  #make(session: TransportSession, roles: Roles): Hello {
    const { address } = session
    const topic = this.#topic
    const others = this.#transports.filter((other) => other !== session)
    return {
      kind: 'link',
      ...this.#self,
      ...(topic !== undefined && { topic: topic.hex }),
      ...(topic !== undefined && isToTell(topic.name) && { topicName: topic.name }),
      ...(address !== undefined && { address }),
      ...(others.length > 0 && { elsewhere: others.flatMap(({ mark }) => mark ?? []) }),
      ...roles,
      ...(!this.#self.observer && { confirms: true }),
    }
  }
}

function isToTell(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= limits.topicNameBytes
}
