/** `wait` as it is typed. */
import { type Command, commonOf, meeting } from '../command.ts'
import { text } from '../option.ts'
import * as option from '../options.ts'

const gone = text({
  flag: 'gone',
  value: 'PEER',
  summary: 'wait until this peer, by name or id, is not there',
})

export const waitCommand: Command = {
  verb: 'wait',
  summary: 'wait until N peers are on a topic, or until one has left',
  operands: ['TOPIC'],
  options: [option.count, gone, option.noWait, ...meeting],
  examples: [
    ['lswarm wait room -n 4 && make test', 'a barrier'],
    ['lswarm wait room --gone server', 'until server has left'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/wait.ts')).wait(context, {
      ...commonOf(args),
      count: args.get(option.count),
      gone: args.get(gone),
      noWait: args.get(option.noWait),
    }),
}
