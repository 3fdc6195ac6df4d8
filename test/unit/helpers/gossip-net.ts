/** Gossip nodes without sockets: frames wait in queues until the test lets them through. */
import { createHash } from 'node:crypto'
import type { Conflict } from '../../../src/gossip/conflict.ts'
import type { Range } from '../../../src/gossip/control.ts'
import { decodeBatch, type Entry, Kind, seal } from '../../../src/gossip/envelope.ts'
import { KeyPair, verifierOf } from '../../../src/gossip/key-pair.ts'
import { GossipNode } from '../../../src/gossip/node.ts'
import type { Delivery } from '../../../src/gossip/order.ts'
import { limits } from '../../../src/limits.ts'

export const TOPIC = createHash('sha256').update('a topic').digest()

/** An author that the test speaks for. */
export class Author {
  readonly keyPair: KeyPair
  readonly session: Buffer
  constructor(seed: number, session = 1) {
    this.keyPair = KeyPair.from(createHash('sha256').update(`author ${seed}`).digest())
    this.session = Buffer.alloc(8, session)
  }

  /** Author and session, as nodes call it. */
  get key(): string {
    return Buffer.concat([this.keyPair.publicKey, this.session]).toString('hex')
  }

  /** The frame of these texts, numbered from `first`. */
  frame(first: number, texts: readonly string[], topic: Uint8Array = TOPIC): Buffer {
    return seal(texts.map(text), this.keyPair, { topic, session: this.session, first, time: 0 }).frame
  }
}

export const text = (data: string): Entry => ({ kind: Kind.text, body: Buffer.from(data) })

/** A node, and what it has done. */
export class Member {
  readonly id: string
  readonly node: GossipNode
  readonly delivered: Delivery[] = []
  readonly gaps: Range[] = []
  readonly conflicts: Conflict[] = []
  readonly bans: string[] = []
  /** Frames on their way, by receiver. */
  readonly sent: { readonly to: string; readonly frame: Buffer }[] = []

  constructor(id: string, options: { readonly history?: number; readonly isNew?: boolean } = {}) {
    this.id = id
    const seed = createHash('sha256').update(`member ${id}`).digest()
    let random = seed.readUInt32LE(0)
    this.node = new GossipNode(
      {
        topic: TOPIC,
        signer: KeyPair.from(seed),
        session: seed.subarray(0, 8),
        history: options.history ?? 0,
        verifierOf,
        random: () => {
          random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
          return random / 2 ** 32
        },
      },
      {
        send: (to, frame) => this.sent.push({ to, frame }),
        ban: (peer) => {
          this.bans.push(peer)
          this.node.peerDown(peer)
        },
        deliver: (delivery) => this.delivered.push(delivery),
        gap: (range) => this.gaps.push(range),
        equivocation: (conflict) => this.conflicts.push(conflict),
      },
    )
    if (options.isNew !== true) this.node.settle()
  }

  publish(...texts: string[]): void {
    this.node.publish(texts.map(text), 0)
  }

  /** What was given on, as text. */
  get texts(): string[] {
    return this.delivered.map(({ item }) => Buffer.from(item.body).toString())
  }

  /** The messages that are on their way to a peer. */
  textsTo(peer: string): string[] {
    return this.sent
      .filter(({ to, frame }) => to === peer && frame[0] === 1)
      .flatMap(({ frame }) => decodeBatch(frame).items.map(({ body }) => Buffer.from(body).toString()))
  }
}

/** Members, linked as the test says. */
export class Net {
  readonly members = new Map<string, Member>()

  add(id: string, options?: ConstructorParameters<typeof Member>[1]): Member {
    const member = new Member(id, options)
    this.members.set(id, member)
    return member
  }

  link(a: Member, b: Member): void {
    a.node.peerUp(b.id)
    b.node.peerUp(a.id)
  }

  unlink(a: Member, b: Member): void {
    a.node.peerDown(b.id)
    b.node.peerDown(a.id)
  }

  /** Lets all frames through, and those that they cause; `passes` may stop some. */
  run(passes: (from: string, to: string, frame: Buffer) => boolean = () => true): void {
    for (let isMoving = true; isMoving; ) {
      isMoving = false
      for (const member of this.members.values()) {
        for (const { to, frame } of member.sent.splice(0)) {
          isMoving = true
          if (passes(member.id, to, frame)) this.members.get(to)?.node.receive(member.id, frame)
        }
      }
    }
  }

  /** So many heartbeats of all, with all that they cause. */
  tick(count = 1, passes?: (from: string, to: string, frame: Buffer) => boolean): void {
    for (let done = 0; done < count; done++) {
      for (const { node } of this.members.values()) node.tick()
      this.run(passes)
    }
  }

  /** Heartbeats until what is missing is given up. */
  despair(): void {
    this.tick(Math.ceil(limits.gossipGapMs / limits.gossipTickMs) + 2)
  }
}
