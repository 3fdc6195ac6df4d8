# fish completion for lswarm.
# Between the lines "generated: NAME" and "end of NAME" stands what "npm run generate" writes there.

# generated: names
set -g __lswarm_valued -n --count --to --slow --linger --prefix --name --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --key-file --key-fd --allow --deny --seed-file --max-peers --dir --timeout --ready-fd --digest --size --drop-slow --progress --retries -o --output --max --max-per-peer --busy --kill-after --id --type --from --history --gone --interval --host
set -g __lswarm_running send recv exec connect
# end of names

# __lswarm_operands: the verb and the operands before the cursor; fails where a command has begun.
function __lswarm_operands
    set -l is_value 0
    set -l found
    for token in (commandline -opc)[2..]
        if test $is_value = 1
            set is_value 0
        else if test "$token" = --
            contains -- "$found[1]" $__lswarm_running; and return 1
        else if string match -q -- '-*' "$token"
            contains -- "$token" $__lswarm_valued; and set is_value 1
        else
            set -a found "$token"
        end
    end
    string join \n -- $found
    return 0
end

# __lswarm_verb VERB...: whether it is one of these.
function __lswarm_verb
    set -l there (__lswarm_operands); or return 1
    contains -- "$there[1]" $argv
end

# __lswarm_at N VERB...: whether operand N of one of these verbs is wanted; 0 is the verb itself.
function __lswarm_at
    set -l there (__lswarm_operands); or return 1
    contains -- (commandline -opc)[-1] $__lswarm_valued; and return 1
    test (count $there) -eq $argv[1]; or return 1
    test $argv[1] -eq 0; or contains -- "$there[1]" $argv[2..]
end

# __lswarm_runs: whether a command has begun; __lswarm_subcommand: what may go on there, as if it stood alone.
function __lswarm_runs
    not __lswarm_operands >/dev/null
end
function __lswarm_subcommand
    set -l tokens (commandline -opc)
    set -l at (contains -i -- -- $tokens)
    set -e tokens[1..$at]
    set -l line (string escape -- $tokens) (commandline -ct)
    complete -C "$line"
end

# __lswarm_there topics|peers: what the peers' labels say. What they say is a stranger's: it is never
# evaluated, and left out where it could not stand on a line.
function __lswarm_there --argument-names what
    set -l base "$LSWARM_DIR"
    set -l is_base 0
    for token in (commandline -opc)
        if test $is_base = 1
            set base "$token"
            set is_base 0
        else if test "$token" = --dir
            set is_base 1
        else if string match -q -- '--dir=*' "$token"
            set base (string replace -- --dir= '' "$token")
        end
    end
    if test -z "$base"
        set base /tmp/lswarm-(id -u)
        for directory in "$TMPDIR" "$TMP" "$TEMP"
            if test -n "$directory"
                set base "$directory"/lswarm-(id -u)
                break
            end
        end
        test -n "$XDG_RUNTIME_DIR" -a -O "$XDG_RUNTIME_DIR" -a ! -L "$XDG_RUNTIME_DIR"; and set base "$XDG_RUNTIME_DIR"/lswarm
    end
    test -d "$base" -a -O "$base" -a ! -L "$base"; or return
    # Whose process was killed is not in this list.
    set -l sockets
    test -r /proc/net/unix; and read -z sockets </proc/net/unix
    set -l topic (__lswarm_operands)[2]
    for file in $base/.names/*
        set -l socket (string replace -r '.*/' '' -- $file)
        test -z "$sockets"; or string match -q -- "*/.p-$socket*" "$sockets"; or continue
        # Two whole lines, or it is being written.
        set -l text
        read -z text <$file 2>/dev/null
        set -l lines (string split \n -- $text)
        test (count $lines) -gt 2; or continue
        if test $what = topics
            set lines[1] "$lines[2]"
        else if test -n "$topic" -a "$lines[2]" != "$topic"
            continue
        end
        string match -qr '^$|^-|[[:cntrl:]]' -- "$lines[1]"; or echo -- "$lines[1]"
    end
end

complete -c lswarm -f
complete -c lswarm -n '__lswarm_at 0' -l help -s h -d 'show this help'
complete -c lswarm -n '__lswarm_at 0' -l version -s V -d 'show the version'
# generated: options
complete -c lswarm -n '__lswarm_at 0' -a join -d 'every line of stdin to every peer, every line of every peer to stdout'
complete -c lswarm -n '__lswarm_at 0' -a send -d 'stdin, a file or the output of a command to every receiver, exact and confirmed'
complete -c lswarm -n '__lswarm_at 0' -a recv -d 'one sender'\''s bytes to stdout, to a file or to a command'
complete -c lswarm -n '__lswarm_at 0' -a exec -d 'a command for each peer that connects, the stream on its descriptors 0 and 1'
complete -c lswarm -n '__lswarm_at 0' -a connect -d 'stdin and stdout to one handler, ended with the handler'\''s exit status'
complete -c lswarm -n '__lswarm_at 0' -a listen -d 'the other end of connect: one peer on stdin and stdout'
complete -c lswarm -n '__lswarm_at 0' -a pub -d 'signed messages, from the arguments or the lines of stdin, to everyone who subscribes'
complete -c lswarm -n '__lswarm_at 0' -a sub -d 'the signed messages of a topic, each once and in its author'\''s order'
complete -c lswarm -n '__lswarm_at 0' -a id -d 'identities that sign, and whose name is whose'
complete -c lswarm -n '__lswarm_at 0' -a bridge -d 'let the peers of a topic on this machine meet those beyond it'
complete -c lswarm -n '__lswarm_at 0' -a wait -d 'wait until N peers are on a topic, or until one has left'
complete -c lswarm -n '__lswarm_at 0' -a peers -d 'who is on a topic'
complete -c lswarm -n '__lswarm_at 0' -a topics -d 'the topics that somebody is on'
complete -c lswarm -n '__lswarm_at 0' -a top -d 'a live view of the peers on a topic, or on all topics'
complete -c lswarm -n '__lswarm_at 0' -a key -d 'make a topic key: new for one of 256 bits, word for one of ten words; id: who you are to --allow'
complete -c lswarm -n '__lswarm_at 0' -a bootstrap -d 'the first node of a private network; prints the option for the others'
complete -c lswarm -n '__lswarm_at 0' -a completion -d 'what completes the lines that are typed in a shell, with the topics and peers that are there'
complete -c lswarm -n '__lswarm_at 0' -a limits -d 'every limit of the program'
complete -c lswarm -n '__lswarm_verb join send wait' -l count -s n -x -d 'wait for N of them first; default 1'
complete -c lswarm -n '__lswarm_verb join send connect' -l to -x -a '(__lswarm_there peers)' -d 'only this peer, by name or by the beginning of its id; may be repeated'
complete -c lswarm -n '__lswarm_verb join' -s d -d 'leave stdin alone: only listen'
complete -c lswarm -n '__lswarm_verb join' -l slow -x -a 'wait drop cut' -d 'a slow peer: wait for it, drop its oldest lines, or cut it off; default wait, at a terminal drop'
complete -c lswarm -n '__lswarm_verb join' -l linger -x -d 'leave this long after the end of stdin; default: when all others have ended'
complete -c lswarm -n '__lswarm_verb join' -l plain -d 'at a terminal: lines, and nothing that is drawn'
complete -c lswarm -n '__lswarm_verb join' -l time -d 'at a terminal: the time before each line'
complete -c lswarm -n '__lswarm_verb join' -l bell -d 'at a terminal: ring when your name is said'
complete -c lswarm -n '__lswarm_verb join connect sub' -l prefix -x -d 'before each line: %n name, %i id, %t time, %% a percent sign; default at a terminal: "%n: "'
complete -c lswarm -n '__lswarm_verb join send connect pub sub' -l null -s 0 -d 'records end with NUL instead of newline'
complete -c lswarm -n '__lswarm_verb join recv listen' -l keep -s k -d 'stay for more, until interrupted'
complete -c lswarm -n '__lswarm_verb join send recv connect pub sub wait' -l no-wait -d 'do not wait: status 3 when too few are there'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait top' -l name -x -d 'how others see you; default: user and process id'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l dht -d 'meet peers anywhere too, encrypted: with a topic key, or --public'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l lan -d 'meet peers on the local network too, encrypted'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l listen -x -d 'be met at tcp://HOST:PORT, tls://HOST:PORT or unix:PATH, sub also at udp://HOST:PORT; port 0: any that is free, which is said; may be repeated'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l connect -x -d 'meet who is at such a URL, now or later; with pub, udp:// may be a broadcast or a group; may be repeated'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l bootstrap -x -d 'with --dht: the first node of a private network; may be repeated'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l peer -x -d 'with --lan: somebody who need not be found; may be repeated'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l port -x -d 'with --lan: the TCP port to be met at; default 0, any that is free'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l tls-key -r -F -d 'with tls://: our private key'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l tls-cert -r -F -d 'with tls://: our certificate'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l tls-ca -r -F -d 'with tls://: who signs those of others'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l retry -x -d 'with --connect: time between two tries; default 250ms, then more, up to 30s'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l max-retries -x -d 'with --connect: give up after so many; default never'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l public -d 'no key; whoever knows or guesses the topic may come'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l key-file -r -F -d 'the topic key is in FILE, which only you may read'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l key-fd -x -d 'the topic key comes from descriptor N; else from $LSWARM_KEY, or it is asked for'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l allow -x -d 'only peers with this id (lswarm key id), or those in a file; may be repeated'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l deny -x -d 'no peer with this id, or of those in a file; may be repeated'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top key' -l seed-file -r -F -d 'be the same peer each time: FILE holds what lswarm key new printed'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l max-peers -x -d 'links at most; default 1000, 64 of them beyond this machine'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers top' -l local-only -d 'refuse every way beyond this machine; so does LSWARM_LOCAL_ONLY=1'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait peers topics top' -l dir -x -a '(__fish_complete_directories)' -d 'runtime directory instead of $LSWARM_DIR'
complete -c lswarm -n '__lswarm_verb join send recv connect listen pub sub id bridge wait peers topics top key bootstrap completion limits' -l timeout -x -d 'give up after this long (500ms, 10s, 2m): status 124'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen sub id bridge wait peers topics top completion limits' -l json -d 'NDJSON instead of text'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap completion limits' -l quiet -s q -d 'say only what went wrong'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap completion limits' -l verbose -s v -d 'say more, if there is more to say'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait' -l ready -d 'say one line on stderr once peers can be met'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub bridge wait' -l ready-fd -x -d 'write that line to descriptor N, and close it'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap completion limits' -l help -s h -d 'show this help'
complete -c lswarm -n '__lswarm_verb join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap completion limits' -l version -s V -d 'show the version'
complete -c lswarm -n '__lswarm_verb send' -l digest -x -a 'sample crc32 blake2b' -d 'what both ends compare: sample (default), or of every byte, and printed: crc32, or blake2b as b2sum does'
complete -c lswarm -n '__lswarm_verb send' -l size -x -d 'how much will come (500, 10K, 1.5G), where the input does not tell: for the time left'
complete -c lswarm -n '__lswarm_verb send' -l drop-slow -x -d 'give up a receiver that takes nothing for this long'
complete -c lswarm -n '__lswarm_verb send recv bridge' -l progress -x -a 'auto bar json none' -d 'on stderr: bar, json (an object a second), or none; default auto: a bar at a terminal; SIGUSR1 prints a line'
complete -c lswarm -n '__lswarm_verb send exec' -l queue -d 'records instead of a stream: each to exactly one free worker'
complete -c lswarm -n '__lswarm_verb send' -l ordered -d 'with --queue: replies in the order of the records'
complete -c lswarm -n '__lswarm_verb send' -l retries -x -d 'with --queue: how often a record goes to another worker after its worker is lost; default 3'
complete -c lswarm -n '__lswarm_verb send recv exec connect listen' -l raw -d 'with --dht: the bytes alone, to programs that use Hyperswarm; no key, nothing is confirmed'
complete -c lswarm -n '__lswarm_verb recv' -l output -s o -r -F -d 'write to FILE, which appears when it is complete'
complete -c lswarm -n '__lswarm_verb exec' -l max -x -d 'commands at a time; default 40, with --queue 1'
complete -c lswarm -n '__lswarm_verb exec' -l max-per-peer -x -d 'commands at a time for one peer; default no limit of its own'
complete -c lswarm -n '__lswarm_verb exec' -l busy -x -a 'wait refuse' -d 'who is over --max may wait (default), or is refused: status 3 there'
complete -c lswarm -n '__lswarm_verb exec' -l pipes -d 'pipes instead of the socket, for commands that open /dev/stdin by name'
complete -c lswarm -n '__lswarm_verb exec' -l once -d 'end after one command, with its status'
complete -c lswarm -n '__lswarm_verb exec' -l kill-after -x -d 'from TERM to KILL; default 5s'
complete -c lswarm -n '__lswarm_verb exec' -l timeout -x -d 'end each command after this long: status 124 at the caller'
complete -c lswarm -n '__lswarm_verb connect' -l all -d 'to every handler there; their replies merged by whole lines'
complete -c lswarm -n '__lswarm_verb pub' -l count -s n -x -d 'leave when N peers have it all; default 1, and with udp:// nobody is waited for'
complete -c lswarm -n '__lswarm_verb pub' -l id -x -d 'sign as this identity (lswarm id new NAME); default: a fresh one'
complete -c lswarm -n '__lswarm_verb pub sub' -l type -x -d 'messages of this type: a word signed with them'
complete -c lswarm -n '__lswarm_verb pub' -l json -d 'each message is a JSON value; NDJSON instead of text on stderr'
complete -c lswarm -n '__lswarm_verb sub' -l count -s n -x -d 'end after N messages'
complete -c lswarm -n '__lswarm_verb sub' -l from -x -d 'only this author, by key or by known name; may be repeated'
complete -c lswarm -n '__lswarm_verb sub' -l history -x -d 'the last N messages of before, from any peer; default 0'
complete -c lswarm -n '__lswarm_verb sub' -l require-known -d 'only authors whose keys are known (lswarm id list); no new name is remembered'
complete -c lswarm -n '__lswarm_verb sub' -l strict -d 'end with status 4 when messages are missing for good'
complete -c lswarm -n '__lswarm_verb wait' -l gone -x -a '(__lswarm_there peers)' -d 'wait until this peer, by name or id, is not there'
complete -c lswarm -n '__lswarm_verb top' -l interval -x -d 'how often peers are asked; default 1s'
complete -c lswarm -n '__lswarm_verb top' -l once -d 'one table, or with --json one snapshot, and end'
complete -c lswarm -n '__lswarm_verb bootstrap' -l host -x -d 'where others reach this machine; default: its first address'
complete -c lswarm -n '__lswarm_verb bootstrap' -l port -x -d 'UDP port, 0 for any that is free; default 49737'
complete -c lswarm -n '__lswarm_verb completion' -l install -d 'put it where that shell looks, and say where that is'
complete -c lswarm -n '__lswarm_at 1 join send recv exec connect listen pub sub bridge wait peers top' -x -a '(__lswarm_there topics)'
complete -c lswarm -n '__lswarm_at 2 send' -F
complete -c lswarm -n '__lswarm_at 1 id' -x -a 'new show list trust forget'
complete -c lswarm -n '__lswarm_at 1 key' -x -a 'new word id'
complete -c lswarm -n '__lswarm_at 1 completion' -x -a 'bash zsh fish'
# end of options
complete -c lswarm -n __lswarm_runs -x -a '(__lswarm_subcommand)'
