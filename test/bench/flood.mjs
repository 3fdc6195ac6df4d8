/**
 * A flood of bad signatures: signed messages of 100 bytes from one publisher to one subscriber while
 * somebody sends forged ones to both as fast as they are taken. At a rate that a processor can well serve,
 * beside the same in peace; and as fast as it goes, beside the same while a processor is as busy with
 * something else, for whoever floods needs one too.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { count, freshTopic, inTurns, now, table, withJobs } from './harness.mjs'

const SCENES = [
  { rate: 5_000, messages: 30_000, title: '5000 messages a second', calm: 'in peace', beside: undefined },
  {
    rate: '',
    messages: 400_000,
    title: '400000 messages at once',
    calm: 'beside a busy process',
    beside: 'exec "$NODE" -e "for (;;) ;"',
  },
]
const FLOOD = '"$NODE" "$TOOLS/forger.mjs" $TOPIC'

export async function compare({ runs, progress, show }) {
  for (const { title, calm, beside, ...scene } of SCENES) {
    const rows = [
      { name: calm, run: () => measure(scene, beside) },
      { name: 'flooded', run: () => measure(scene, FLOOD) },
    ]
    const columns = [
      { title: 'rate', of: 'perMessage', as: 'rate' },
      { title: 'messages/s', of: 'rate', as: 'value', format: count },
      { title: 'CPU of the subscriber', of: 'cpu', as: 'cost' },
      { title: 'lost', of: 'lost', as: 'value', format: count },
      { title: 'forged', of: 'forged', as: 'value', format: count },
      { title: 'links cut', of: 'bans', as: 'value', format: count },
    ]
    const measured = await inTurns(rows, runs, (text) => progress(`${title}, ${text}`))
    show(table({ title: `flood: ${title}, and bad signatures`, reference: calm, columns, rows, ...measured }))
  }
}

function measure({ rate, messages }, beside) {
  return withJobs(async (start) => {
    const variables = { TOPIC: freshTopic(), COUNT: messages, RATE: rate }
    const subscriber = start('"$NODE" "$TOOLS/gossip.mjs" sub $TOPIC $COUNT', variables)
    await subscriber.hears(/^ready/m)
    const publisher = start('"$NODE" "$TOOLS/gossip.mjs" pub $TOPIC $COUNT 1 $RATE', variables)
    await publisher.hears(/^ready/m)
    const other = beside && start(beside, variables)
    await wait(500)
    const since = now()
    publisher.say('\n')
    await subscriber.hears(/\n/, 'stdout')
    const { at, got, stats, bans } = JSON.parse(subscriber.stdout)
    other?.kill()
    publisher.stop()
    const { cpu } = await subscriber.ended
    const each = (at - since) / got
    return { perMessage: each, rate: 1 / each, lost: messages - got, cpu, forged: stats.forged, bans }
  })
}
