/**
 * A shell function that runs a command for `$1` seconds at most: by GNU timeout where the image has it. BusyBox'
 * own leaves its watching process to the container's PID 1, where it stays as a zombie for good if that doesn't reap (Node.js
 * doesn't), and runs its own applet instead of the program on the PATH: without GNU timeout, everything that is started
 * here is waited for here, and ends with a shell that ends early, as one does that can't fork.
 */
export const LIMITED = `case $(timeout --version 2>/dev/null) in *coreutils*)
limited() { timeout "$@" </dev/null; } ;;
*)
p=
trap '[ -z "$p" ] || kill "$p" 2>/dev/null' EXIT
limited() {
  t=$1; shift
  "$@" </dev/null & p=$!
  (trap 'kill "$p"' EXIT; trap 'trap - EXIT; kill -9 $!; wait; exit' TERM; sleep "$t" & wait $!) >/dev/null 2>&1 & k=$!
  wait "$p"; x=$?; p=
  kill "$k" 2>/dev/null; wait "$k" 2>/dev/null
  return "$x"
} ;;
esac`;

/**
 * A constant argument vector as text of a script: double quotes around a word with a shell variable, single ones around a
 * word that a shell would read as something else.
 */
export function shellText(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (word.includes('$')) return `"${word}"`;
  return /^[\w-][\w.=-]*$/.test(word) ? word : `'${word}'`;
}
