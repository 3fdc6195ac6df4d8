/**
 * Signed messages: 100 bytes each, from one publisher to 1, 4 and 16 subscribers, and to 4 while a fifth
 * is stopped. lswarm's are signed, and verified by every subscriber; the brokers' are not. Brokers have
 * their default settings; of their clients as little is measured as their protocols allow.
 *
 * The clock runs from the moment when the publisher is let go until the last subscriber has its last.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import {
  count,
  freePort,
  freshPath,
  freshTopic,
  inTurns,
  isListening,
  now,
  table,
  until,
  withJobs,
} from './harness.mjs'

export const peers = ['redis', 'nats', 'mosquitto']

const MESSAGES = 200_000
const MESSAGE_BYTES = 100
const SCENES = [
  { running: 1, stopped: 0 },
  { running: 4, stopped: 0 },
  { running: 16, stopped: 0 },
  { running: 4, stopped: 1 },
]
const REFERENCE = 'lswarm, signed and verified'

const mosquitto = {
  needs: 'mosquitto',
  settings: (place) => `listener 0 ${place}\nallow_anonymous true\nuser ${userInfo().username}\n`,
  server: 'mosquitto -c "$SETTINGS" 2>/dev/null',
}
const BROKERS = [
  { name: 'mosquitto, QoS 1', protocol: 'mqtt1', ...mosquitto },
  { name: 'mosquitto, QoS 0', protocol: 'mqtt0', ...mosquitto },
  {
    name: 'redis',
    protocol: 'redis',
    needs: 'redis',
    server:
      'redis-server --port 0 --unixsocket $PLACE --save "" --appendonly no --dir "$LSWARM_DIR" >/dev/null',
  },
  {
    name: 'nats-server',
    protocol: 'nats',
    needs: 'nats',
    isTcp: true,
    server: 'nats-server -a 127.0.0.1 -p $PLACE 2>/dev/null',
  },
]

export async function compare({ runs, size, peers: there, progress, show }) {
  const messages = size === undefined ? MESSAGES : Math.max(1, Math.floor(size / MESSAGE_BYTES))
  for (const scene of SCENES) {
    const rows = [
      { name: REFERENCE, run: () => measure(scene, messages, undefined) },
      ...BROKERS.filter(({ needs }) => there.has(needs)).map((broker) => ({
        name: broker.name,
        run: () => measure(scene, messages, broker),
      })),
    ]
    const what = `${scene.running} ${scene.running === 1 ? 'subscriber' : 'subscribers'}`
    const title = `gossip: ${messages} messages of ${MESSAGE_BYTES} bytes to ${what}${scene.stopped ? ', and one that is stopped' : ''}`
    const columns = [
      { title: 'rate', of: 'perMessage', as: 'rate' },
      { title: 'messages/s each', of: 'rate', as: 'value', format: count },
      { title: 'CPU', of: 'cpu', as: 'cost' },
      { title: 'lost', of: 'lost', as: 'value', format: count },
    ]
    const measured = await inTurns(rows, runs, (text) => progress(`${what}, ${text}`))
    show(table({ title, reference: REFERENCE, columns, rows, ...measured }))
  }
}

function measure({ running, stopped }, messages, broker) {
  return withJobs(async (start) => {
    const place = broker === undefined ? freshTopic() : broker.isTcp ? await freePort() : freshPath('s')
    const variables = { PLACE: place, COUNT: messages, SETTINGS: freshPath('settings') }
    if (broker?.settings) writeFileSync(variables.SETTINGS, broker.settings(place))
    const server = broker && start(broker.server, variables)
    if (broker) await until(() => (broker.isTcp ? isListening(place) : existsSync(place)), 20)
    const subscribers = []
    for (let number = 0; number < running + stopped; number++) {
      const script = broker
        ? `"$NODE" "$TOOLS/broker.mjs" sub ${broker.protocol} $PLACE $COUNT ${number}`
        : '"$NODE" "$TOOLS/gossip.mjs" sub $PLACE $COUNT'
      subscribers.push(start(script, variables))
    }
    await Promise.all(subscribers.map((job) => job.hears(/^ready/m)))
    const publisher = start(
      broker
        ? `"$NODE" "$TOOLS/broker.mjs" pub ${broker.protocol} $PLACE $COUNT`
        : `"$NODE" "$TOOLS/gossip.mjs" pub $PLACE $COUNT ${running + stopped}`,
      variables,
    )
    await publisher.hears(/^ready/m)
    for (const job of subscribers.slice(running))
      for (const pid of job.pids('node')) process.kill(pid, 'SIGSTOP')
    await wait(300)
    const since = now()
    publisher.say('\n')
    const measured = subscribers.slice(0, running)
    await Promise.all(measured.map((job) => job.hears(/\n/, 'stdout')))
    const found = measured.map((job) => JSON.parse(job.stdout))
    const seconds = Math.max(...found.map(({ at }) => at)) - since
    const got = found.reduce((all, one) => all + one.got, 0)
    for (const job of subscribers.slice(running))
      for (const pid of job.pids('node')) process.kill(pid, 'SIGKILL')
    publisher.stop()
    server?.stop()
    const endings = await Promise.all(
      [publisher, ...measured, ...(server ? [server] : [])].map((job) => job.ended),
    )
    const rate = got / running / seconds
    return {
      perMessage: 1 / rate,
      rate,
      lost: messages * running - got,
      cpu: endings.reduce((all, { cpu }) => all + cpu, 0),
    }
  })
}
