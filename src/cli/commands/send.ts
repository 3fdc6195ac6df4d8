/** `send` as it is typed. */
import { type Command, commonOf, meeting } from '../command.ts'
import { raw } from '../network.ts'
import { choice, number, parsed, parseSize, time, toggle, withDefault } from '../option.ts'
import * as option from '../options.ts'

const own = {
  digest: withDefault(
    choice(
      {
        flag: 'digest',
        value: 'NAME',
        summary:
          'what both ends compare: sample (default), or of every byte, and printed: crc32, or blake2b as b2sum does',
      },
      ['sample', 'crc32', 'blake2b'],
    ),
    'sample',
  ),
  size: parsed(
    {
      flag: 'size',
      value: 'SIZE',
      summary: 'how much will come (500, 10K, 1.5G), where the input does not tell: for the time left',
    },
    parseSize,
  ),
  dropSlow: withDefault(
    time({ flag: 'drop-slow', summary: 'give up a receiver that takes nothing for this long' }),
    Number.POSITIVE_INFINITY,
  ),
} as const

const queueOptions = {
  ordered: toggle({ flag: 'ordered', summary: 'with --queue: replies in the order of the records' }),
  retries: withDefault(
    number(
      {
        flag: 'retries',
        summary:
          'with --queue: how often a record goes to another worker after its worker is lost; default 3',
      },
      0,
    ),
    3,
  ),
} as const

export const sendCommand: Command = {
  verb: 'send',
  summary: 'stdin, a file or the output of a command to every receiver, exact and confirmed',
  operands: ['TOPIC', '[FILE]'],
  command: 'allowed',
  options: [
    option.count,
    option.to,
    ...Object.values(own),
    option.progress,
    option.queue,
    ...Object.values(queueOptions),
    option.nul,
    option.noWait,
    raw,
    ...meeting,
  ],
  examples: [
    ['tar c . | lswarm send backup', 'to one receiver, or to all who are there'],
    ['lswarm send -n 3 image disk.img', 'wait for three receivers first'],
    ['lswarm send backup -- tar c .', 'the command writes to the socket itself'],
    ['ls *.jpg | lswarm send --queue thumbs', 'each line to one free worker'],
  ],
  run: async (context, args) => {
    const shared = {
      ...commonOf(args),
      file: args.operands[1] ?? '-',
      count: args.get(option.count),
      to: args.get(option.to),
      noWait: args.get(option.noWait),
    }
    if (args.get(option.queue))
      return (await import('../../verbs/send-queue.ts')).sendQueue(context, {
        ...shared,
        separator: args.get(option.nul) ? 0 : 10,
        ordered: args.get(queueOptions.ordered),
        retries: args.get(queueOptions.retries),
      })
    return (await import('../../verbs/send.ts')).send(context, {
      ...shared,
      command: args.command,
      digest: args.get(own.digest),
      size: args.get(own.size),
      dropSlowMs: args.get(own.dropSlow),
    })
  },
}
