/** The options that reach beyond this machine. */
import { networkInterfaces } from 'node:os'
import {
  type Given,
  number,
  type Option,
  parsed,
  parsePort,
  repeated,
  text,
  time,
  toggle,
  valued,
} from './option.ts'

/** Ways to meet others. */
export const ways = {
  dht: toggle({ flag: 'dht', summary: 'meet peers anywhere too, encrypted: with a topic key, or --public' }),
  lan: toggle({ flag: 'lan', summary: 'meet peers on the local network too, encrypted' }),
  listen: repeated({
    flag: 'listen',
    value: 'URL',
    summary:
      'be met at tcp://HOST:PORT, tls://HOST:PORT or unix:PATH, sub also at udp://HOST:PORT; port 0: any that is free, which is said; may be repeated',
  }),
  connect: repeated({
    flag: 'connect',
    value: 'URL',
    summary:
      'meet who is at such a URL, now or later; with pub, udp:// may be a broadcast or a group; may be repeated',
  }),
} as const

/** How each way is gone; the options that an option needs one of are beside it. */
export const details = {
  bootstrap: repeated({
    flag: 'bootstrap',
    value: 'HOST:PORT',
    summary: 'with --dht: the first node of a private network; may be repeated',
  }),
  peer: repeated({
    flag: 'peer',
    value: 'HOST:PORT',
    summary: 'with --lan: somebody who need not be found; may be repeated',
  }),
  port: parsed(
    {
      flag: 'port',
      value: 'N',
      summary: 'with --lan: the TCP port to be met at; default 0, any that is free',
    },
    parsePort,
  ),
  tlsKey: file('tls-key', 'with tls://: our private key'),
  tlsCert: file('tls-cert', 'with tls://: our certificate'),
  tlsCa: file('tls-ca', 'with tls://: who signs those of others'),
  retry: time({
    flag: 'retry',
    summary: 'with --connect: time between two tries; default 250ms, then more, up to 30s',
  }),
  maxRetries: number(
    { flag: 'max-retries', summary: 'with --connect: give up after so many; default never' },
    0,
  ),
} as const

/** Who may come. */
export const trust = {
  public: toggle({ flag: 'public', summary: 'no key; whoever knows or guesses the topic may come' }),
  keyFile: file('key-file', 'the topic key is in FILE, which only you may read'),
  keyFd: number(
    {
      flag: 'key-fd',
      summary: 'the topic key comes from descriptor N; else from $LSWARM_KEY, or it is asked for',
    },
    0,
  ),
  allow: repeated({
    flag: 'allow',
    value: 'ID',
    summary: 'only peers with this id (lswarm key id), or those in a file; may be repeated',
  }),
  deny: repeated({
    flag: 'deny',
    value: 'ID',
    summary: 'no peer with this id, or of those in a file; may be repeated',
  }),
} as const

export const raw = toggle({
  flag: 'raw',
  summary: 'with --dht: the bytes alone, to programs that use Hyperswarm; no key, nothing is confirmed',
})

export const seedFile = file(
  'seed-file',
  'be the same peer each time: FILE holds what lswarm key new printed',
)

export const maxPeers = number(
  { flag: 'max-peers', summary: 'links at most; default 1000, 64 of them beyond this machine' },
  1,
)

export const localOnly = toggle({
  flag: 'local-only',
  summary: 'refuse every way beyond this machine; so does LSWARM_LOCAL_ONLY=1',
})

/** All that a verb which meets peers takes. */
export const networkOptions: readonly Option<unknown>[] = [
  ...Object.values(ways),
  ...Object.values(details),
  ...Object.values(trust),
  seedFile,
  maxPeers,
  localOnly,
]

/** True where there is a way beyond this machine. */
export function asksForNetwork({ typed }: Given): boolean {
  return Object.values(ways).some(({ flag }) => typed.has(flag))
}

/** Of `lswarm bootstrap`. */
export const bootstrap = {
  host: valued(
    {
      flag: 'host',
      value: 'ADDRESS',
      summary: 'where others reach this machine; default: its first address',
    },
    firstAddress,
    (address) => address,
  ),
  port: valued(
    { flag: 'port', value: 'N', summary: 'UDP port, 0 for any that is free; default 49737' },
    () => 49_737,
    parsePort,
  ),
} as const

function file(flag: string, summary: string): Option<string | undefined> {
  return text({ flag, value: 'FILE', summary })
}

function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
