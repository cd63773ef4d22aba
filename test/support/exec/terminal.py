"""Types into a terminal in which an interactive shell runs, and prints what the terminal shows.

Arguments: a file of steps in JSON, [[what to wait for, what to type], ...]. Exit code 1 names the step
that did not come within its time.
"""

import json, os, pty, re, select, sys, time

steps = json.load(open(sys.argv[1]))
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
shown = b""


def wait_for(pattern):
    global shown
    end = time.monotonic() + 15
    while time.monotonic() < end:
        found = re.search(pattern.encode(), shown)
        if found:
            shown = shown[found.end() :]
            return True
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return False
            sys.stdout.buffer.write(data)
            shown += data
    return False


for pattern, keys in steps:
    if not wait_for(pattern):
        sys.stdout.flush()
        sys.exit(f"did not come: {pattern}")
    os.write(terminal, keys.encode())
os.close(terminal)
