/** `limits` as it is typed. */
import { limits } from '../../limits.ts'
import { type Command, everywhere } from '../command.ts'
import * as option from '../options.ts'

export const limitsCommand: Command = {
  verb: 'limits',
  summary: 'every limit of the program',
  operands: [],
  options: [option.common.json, ...everywhere],
  examples: [['lswarm limits --json', 'as one JSON object']],
  run: async (context, args) => {
    const text = args.get(option.common.json)
      ? JSON.stringify(limits)
      : Object.entries(limits)
          .map(([limit, value]) => `${limit} ${value}`)
          .join('\n')
    return (await import('../../verbs/table.ts')).print(context, `${text}\n`)
  },
}
