/** The parts of Hyperswarm that the network uses; the packages ship no types. */
declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'
  import type DHT from 'hyperdht'

  interface Session {
    refresh(): Promise<void>
    flushed(): Promise<boolean>
    destroy(): Promise<void>
  }
  interface Options {
    readonly dht: DHT
    readonly keyPair: DHT.KeyPair
    readonly maxPeers: number
    /** True rejects. */
    readonly firewall: (publicKey: Buffer) => boolean
  }
  /** Somebody that was found. */
  interface PeerInfo {
    /** Connections in a row that came to nothing, or ended early. */
    readonly attempts: number
    /** There was a connection. */
    readonly proven: boolean
  }
  export default class Hyperswarm extends EventEmitter<{
    connection: [stream: import('./proving.ts').NoiseStream]
    /** Somebody came, went, or could not be reached. */
    update: []
  }> {
    constructor(options: Options)
    readonly dht: DHT
    readonly peers: ReadonlyMap<string, PeerInfo>
    join(topic: Buffer, options: { readonly server: boolean; readonly client: boolean }): Session
    flush(): Promise<boolean>
    destroy(options?: { readonly force?: boolean }): Promise<void>
  }
}

declare module 'hyperdht' {
  namespace DHT {
    interface KeyPair {
      readonly publicKey: Buffer
      readonly secretKey: Buffer
    }
    interface Options {
      readonly bootstrap?: readonly string[]
      /** Where to listen. */
      readonly host?: string
      readonly ephemeral?: boolean
      readonly firewalled?: boolean
    }
  }
  class DHT {
    constructor(options: DHT.Options)
    static keyPair(seed?: Buffer): DHT.KeyPair
    static bootstrapper(port: number, host: string, options: DHT.Options): DHT
    /** Those that answered. */
    toArray(): readonly unknown[]
    fullyBootstrapped(): Promise<void>
    destroy(options?: { readonly force?: boolean }): Promise<void>
  }
  export default DHT
}

declare module 'protomux' {
  interface Message {
    send(chunk: Uint8Array): boolean
  }
  interface Channel {
    readonly closed: boolean
    readonly messages: readonly Message[]
    open(): void
    close(): void
    fullyOpened(): Promise<boolean>
  }
  interface ChannelOptions {
    readonly protocol: string
    readonly id: Uint8Array
    readonly messages: readonly { readonly onmessage: (chunk: Uint8Array) => void }[]
    readonly onopen?: () => void
    readonly onclose: () => void
    readonly ondrain: () => void
  }
  export default class Protomux {
    constructor(stream: import('./proving.ts').NoiseStream)
    readonly drained: boolean
    createChannel(options: ChannelOptions): Channel | null
    pair(of: { readonly protocol: string }, notify: (id: Buffer) => void): void
  }
}

declare module '@hyperswarm/secret-stream' {
  import type { Duplex } from 'node:stream'
  import type { NoiseStream } from './proving.ts'

  namespace SecretStream {
    interface KeyPair {
      readonly publicKey: Uint8Array
      readonly secretKey: Uint8Array
    }
    interface Options {
      readonly keyPair?: KeyPair
      /** Milliseconds between empty messages. */
      readonly keepAlive?: number
    }
  }
  interface SecretStream extends NoiseStream {
    /** False when it was destroyed before. */
    readonly opened: Promise<boolean>
    /** Destroys it when nothing has come for so many milliseconds. */
    setTimeout(ms: number): void
  }
  const SecretStream: {
    new (isInitiator: boolean, raw: Duplex, options?: SecretStream.Options): SecretStream
    keyPair(seed?: Buffer): SecretStream.KeyPair
  }
  export default SecretStream
}
