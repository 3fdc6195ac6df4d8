/** The two lines below the scrollback: who is here, and what is being typed. */
import { Box, Text } from 'ink'
import type { ChatView } from './chat-room.ts'

export function Chat({ view }: { readonly view: ChatView }) {
  return (
    <Box flexDirection="column">
      {view.status !== '' && (
        <Text dimColor wrap="truncate">
          {view.status}
        </Text>
      )}
      <Text wrap="truncate">{view.input}</Text>
    </Box>
  )
}
