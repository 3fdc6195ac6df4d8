/** `topics`: the topics that somebody is on, found alive by connecting. */
import { jsonLine } from '../io/sanitize.ts'
import { type CommonOptions, type Context, until } from './context.ts'
import { sorted, watch } from './observe.ts'
import { print, printNone, table } from './table.ts'

export interface TopicsOptions extends Omit<CommonOptions, 'topic'> {
  readonly json: boolean
}

interface Found {
  readonly topic: string
  readonly name: string
  readonly peers: readonly string[]
}

export async function topics(context: Context, options: TopicsOptions): Promise<void> {
  context.checkStdout()
  const { swarm, peers } = watch(context, options, 'topics')
  try {
    await until(context.signal, swarm.survey())
    const found = gather(sorted(peers.values()))
    if (options.json) return await print(context, found.map(jsonLine).join(''))
    if (found.length === 0) return await printNone(context, 'nobody is on any topic')
    const rows = found.map((one) => [
      one.name || `hex:${one.topic}`,
      String(one.peers.length),
      one.peers.join(', '),
    ])
    await print(context, table(['TOPIC', 'PEERS', 'NAMES'], rows))
  } finally {
    await swarm.destroy({ lingerMs: 0 })
  }
}

function gather(infos: readonly { topic: Buffer; topicName: string; name: string }[]): Found[] {
  const found = new Map<string, { topic: string; name: string; peers: string[] }>()
  for (const info of infos) {
    const topic = info.topic.toString('hex')
    const one = found.get(topic) ?? { topic, name: '', peers: [] }
    one.name ||= info.topicName
    one.peers.push(info.name)
    found.set(topic, one)
  }
  return [...found.values()].sort((a, b) => ((a.name || a.topic) < (b.name || b.topic) ? -1 : 1))
}
