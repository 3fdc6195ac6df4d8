/** Wrong options of transports are refused where they are given, by name. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { dht, endpoints, lan, local, memory } from '../../src/index.ts'
import { loosely, refuses } from './helpers/options.ts'

const keyedOptions: readonly (readonly [name: string, value: unknown])[] = [
  ['firewall', 'x'],
  ['firewall', true],
  ['maxPeers', 0],
  ['maxPeers', '10'],
  ['seed', 'seed'],
  ['seed', Buffer.alloc(31)],
  ['maxpeers', 1],
  ['topic', 'room'],
]
const makers: readonly (readonly [what: string, make: (more: object) => unknown])[] = [
  ['dht', loosely((more: object) => dht({ public: true, ...more }))],
  ['lan', loosely((more: object) => lan({ public: true, ...more }))],
  [
    'endpoints',
    loosely((more: object) => endpoints({ public: true, listen: ['tcp://127.0.0.1:0'], ...more })),
  ],
]
for (const [what, make] of makers)
  for (const [name, value] of keyedOptions)
    test(`${what} refuses ${name}: ${JSON.stringify(value)}`, () => {
      assert.throws(() => make({ [name]: value }), refuses(name))
    })

test('transports refuse wrong and unknown options of their own', () => {
  const wrongs: readonly (readonly [name: string, make: () => unknown])[] = [
    ['basedir', () => loosely(local)({ basedir: 7 })],
    ['shortcircuit', () => loosely(local)({ shortcircuit: 'no' })],
    ['baseDir', () => loosely(local)({ baseDir: '/tmp' })],
    ['bootstrap', () => loosely(dht)({ public: true, bootstrap: 'host:1' })],
    ['port', () => loosely(lan)({ public: true, port: 70_000 })],
    ['port', () => loosely(lan)({ public: true, port: '1' })],
    ['peers', () => loosely(lan)({ public: true, peers: 'host:1' })],
    ['retryMs', () => loosely(endpoints)({ public: true, connect: ['tcp://h:1'], retryMs: -1 })],
    ['maxRetries', () => loosely(endpoints)({ public: true, connect: ['tcp://h:1'], maxRetries: '1' })],
    ['listen', () => loosely(endpoints)({ public: true, listen: 'tcp://h:1' })],
    ['hub', () => loosely(memory)()],
  ]
  for (const [name, make] of wrongs) assert.throws(make, refuses(name), name)
})
