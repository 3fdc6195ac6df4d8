/** `top` as it is typed. */
import { canDraw } from '../can-draw.ts'
import { type Command, lookingAt } from '../command.ts'
import { parseTimeout, show, toggle, valued } from '../option.ts'
import * as option from '../options.ts'

const own = {
  interval: valued(
    { flag: 'interval', value: 'DUR', summary: 'how often peers are asked; default 1s' },
    () => 1_000,
    (text) => {
      const ms = parseTimeout(text)
      if (ms < 100) throw new Error(`takes 100ms or more, not ${show(text)}`)
      return ms
    },
  ),
  once: toggle({ flag: 'once', summary: 'one table, or with --json one snapshot, and end' }),
} as const

export const topCommand: Command = {
  verb: 'top',
  summary: 'a live view of the peers on a topic, or on all topics',
  operands: ['[TOPIC]'],
  options: [...Object.values(own), option.name, ...lookingAt],
  examples: [
    ['lswarm top room', 'who does what, how fast, and who is slow; ? for the keys'],
    ['lswarm top --once', 'a table of all peers on all topics'],
    ['lswarm top room --json', 'a snapshot every second, one line each'],
  ],
  run: async (context, args) => {
    const options = {
      topic: args.operands[0],
      dir: args.get(option.common.dir),
      name: args.get(option.name),
      intervalMs: args.get(own.interval),
      once: args.get(own.once),
      json: args.get(option.common.json),
    }
    const { isInteractive, live } = await import('../live.ts')
    const isLive =
      !options.once &&
      !options.json &&
      isInteractive() &&
      canDraw(context.report, 'live view', 'showing one table, as with --once')
    if (isLive) return live(context, options)
    return (await import('../../verbs/top.ts')).top(context, options)
  },
}
