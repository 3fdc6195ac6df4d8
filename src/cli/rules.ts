/**
 * Which options go together, for every verb. A command line that keeps these rules uses all that stands on it: what
 * would be ignored is refused. `test/unit/rules.test.ts` tries every pair.
 */
import { statSync } from 'node:fs'
import { limits } from '../limits.ts'
import type { Command } from './command.ts'
import { maxPeers, raw, ways } from './network.ts'
import type { Given } from './option.ts'
import { count, noWait, output } from './options.ts'
import { allows, COMMAND, excludes, needs, type Other, operand, type Rule } from './rule.ts'

const FILE = operand('FILE', 1)
/** Whose size is known: `-` is stdin. */
const NAMED_FILE: Other = { name: 'FILE', isGiven: ({ operands }) => (operands[1] ?? '-') !== '-' }
const MESSAGE = operand('MESSAGE', 1)
const TOPIC = operand('TOPIC', 0)
const KEY_ID: Other = { name: 'key id', isGiven: ({ operands }) => operands[0] === 'id' }
/** A file that each stream makes anew; pipes and devices take one stream after another. */
const OUTPUT_FILE: Other = {
  name: '--output',
  flag: output.flag,
  isGiven: (args) => isFile(args.get(output)),
}
const counting = (name: string, isGiven: Other['isGiven']): Other => ({ name, flag: count.flag, isGiven })
/** More peers are waited for than are let in at a time. */
const GREATER_COUNT = counting(
  'a greater --count',
  (args) => args.get(count) > (args.get(maxPeers) ?? Number.POSITIVE_INFINITY),
)
const COUNT_ABOVE_DEFAULT = counting(
  `--count above ${limits.peers}`,
  (args) => args.get(count) > limits.peers,
)
const RAW_COUNT_ABOVE_DEFAULT = counting(
  `--count above ${limits.networkConnections} with --raw`,
  (args) => args.get(raw) && args.get(count) > limits.networkConnections,
)
const COUNT_NOW = counting(
  'a greater --count with --no-wait',
  (args) => args.get(noWait) && GREATER_COUNT.isGiven(args),
)
const TLS: Other = { name: 'tls://', isGiven: (args) => urls(args).some((url) => url.startsWith('tls:')) }
const UDP: Other = { name: 'udp://', isGiven: (args) => urls(args).some((url) => url.startsWith('udp:')) }
/** Something that is dialled, and again. */
const DIALLED: Other = {
  name: 'tcp://, tls:// or unix:',
  isGiven: (args) => args.get(ways.connect).some((url) => !url.startsWith('udp:')),
}
/** Nothing but datagrams goes beyond this machine. */
const UDP_ALONE: Other = {
  name: 'udp://',
  isGiven: (args) =>
    UDP.isGiven(args) &&
    !args.get(ways.dht) &&
    !args.get(ways.lan) &&
    urls(args).every((url) => url.startsWith('udp:')),
}

const WAYS = ['--dht', '--lan', '--listen', '--connect'] as const
/** What programs that use Hyperswarm can be met with. */
const RAW = [
  '--dht',
  '--bootstrap',
  '--public',
  '--allow',
  '--deny',
  '--seed-file',
  '--max-peers',
  '--timeout',
  '--json',
  '--quiet',
  '--verbose',
  '--ready',
  '--ready-fd',
] as const
const NO_LSWARM = 'nobody there speaks lswarm'
const OF_CHAT = 'they are of the chat'
const IN_NDJSON = 'NDJSON has fields for that'

const TOO_MANY = 'more peers are waited for than are let in'

/** Of the verbs that wait until --count peers are there at the same time. */
const waiting: readonly Rule[] = [
  excludes('--max-peers', [GREATER_COUNT], TOO_MANY),
  needs(COUNT_ABOVE_DEFAULT, ['--max-peers'], `by default at most ${limits.peers} peers are let in`),
]

/** Rules of all verbs. */
const everywhere: readonly Rule[] = [excludes('--quiet', ['--verbose'])]

/** Rules of the verbs that reach beyond this machine. */
const network: readonly Rule[] = [
  needs('--raw', ['--dht']),
  needs('--bootstrap', ['--dht']),
  needs('--peer', ['--lan']),
  needs('--port', ['--lan']),
  ...(['--retry', '--max-retries'] as const).flatMap((option) => [
    needs(option, ['--connect']),
    needs(option, [DIALLED]),
  ]),
  ...(['--public', '--key-file', '--key-fd', '--allow', '--deny', '--seed-file'] as const).map((option) =>
    needs(option, WAYS),
  ),
  excludes('--local-only', WAYS),
  excludes('--key-file', ['--public', '--key-fd']),
  excludes('--key-fd', ['--public']),
  ...(['--tls-key', '--tls-cert', '--tls-ca'] as const).flatMap((option) => [
    needs(option, ['--listen', '--connect']),
    needs(option, [TLS]),
  ]),
  excludes('--allow', [UDP], 'a datagram is from its author, whom sub --from picks'),
  excludes('--deny', [UDP], 'a datagram is from its author, whom sub --from picks'),
  excludes('--seed-file', [UDP_ALONE], 'datagrams make no connection'),
]

/** Rules of one verb. */
const own: Readonly<Record<string, readonly Rule[]>> = {
  join: [
    ...waiting,
    excludes('--json', ['--prefix', '--time', '--bell'], IN_NDJSON),
    excludes('--plain', ['--time', '--bell'], OF_CHAT),
    excludes('-d', ['--time', '--bell'], OF_CHAT),
    excludes('-d', ['--slow'], 'nothing is said'),
    excludes('--null', ['--time', '--bell'], OF_CHAT),
    excludes('--prefix', ['--time', '--bell'], OF_CHAT),
    excludes('--keep', ['--linger'], 'to stay, or to leave after a while'),
  ],
  send: [
    ...waiting,
    needs(
      RAW_COUNT_ABOVE_DEFAULT,
      ['--max-peers'],
      `by default at most ${limits.networkConnections} peers are let in`,
    ),
    needs('--ordered', ['--queue']),
    needs('--retries', ['--queue']),
    needs('--null', ['--queue']),
    excludes('--queue', [COMMAND], 'records come from stdin or a file'),
    excludes('--queue', ['--digest', '--size', '--drop-slow', '--progress'], 'records are no stream'),
    excludes('--size', [NAMED_FILE], 'the size of a file is known'),
    excludes(COMMAND, [FILE], 'the stream comes from one of them'),
    allows('--raw', [...RAW, '--count', '--no-wait', FILE], NO_LSWARM),
  ],
  recv: [
    excludes('--output', [COMMAND], 'the stream goes to one of them'),
    excludes('--keep', [OUTPUT_FILE], 'each stream would replace the one before'),
    allows('--raw', [...RAW, '--output', '--no-wait'], NO_LSWARM),
  ],
  exec: [
    excludes('--queue', ['--busy'], 'a record always waits for a free worker'),
    excludes('--once', ['--max', '--max-per-peer'], 'there is only one command'),
    allows('--raw', [...RAW, '--max', '--once', '--kill-after', COMMAND], NO_LSWARM),
  ],
  connect: [
    needs('--prefix', ['--all']),
    needs('--null', ['--all']),
    excludes('--all', [COMMAND], 'one command cannot talk with many handlers'),
    excludes('--json', ['--prefix'], IN_NDJSON),
    allows('--raw', [...RAW, '--no-wait'], NO_LSWARM),
  ],
  listen: [allows('--raw', RAW, NO_LSWARM)],
  pub: [
    excludes('--null', [MESSAGE], 'it is for messages from stdin'),
    // Without it peers may come one after another.
    excludes('--max-peers', [COUNT_NOW], TOO_MANY),
  ],
  sub: [
    excludes('--json', ['--prefix'], IN_NDJSON),
    excludes('--json', ['--null'], 'an object of NDJSON ends with a newline'),
  ],
  wait: [...waiting, excludes('--gone', ['--count'], 'it waits for one or the other')],
  top: [
    ...WAYS.map((way) => needs(way, [TOPIC])),
    excludes('--once', ['--interval'], 'peers are asked once'),
    excludes('--name', ['--once', '--json'], 'a peer is told it only when a key is pressed'),
  ],
  key: [needs('--seed-file', [KEY_ID])],
  completion: [needs('--json', ['--install'])],
}

/** Rules of more than one verb. */
export const sharedRules: readonly Rule[] = [...everywhere, ...network]

/** Rules of this verb alone. */
export function ownRules({ verb }: Command): readonly Rule[] {
  return own[verb] ?? []
}

/** All rules of a verb; they may be about options that it does not have, which are not given then. */
export function rulesOf(command: Command): readonly Rule[] {
  return [...(command.options.includes(maxPeers) ? sharedRules : everywhere), ...ownRules(command)]
}

function urls(args: Given): readonly string[] {
  return [...args.get(ways.listen), ...args.get(ways.connect)]
}

/** False where nothing can be said: then the verb fails, and says why. */
function isFile(path: string | undefined): boolean {
  if (path === undefined || /^(-|\/dev\/(stdout|stderr|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(path))
    return false
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
  } catch {
    return false
  }
}
