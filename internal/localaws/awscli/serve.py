# SPDX-License-Identifier: MIT
#
# Python imports this as sitecustomize before it runs the aws command, which then
# becomes a server: it has loaded the command once, and each connection to its
# socket is one run of it, in a process forked for it. It ends with its input.
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback


def serve(path):
    import awscli.clidriver  # what takes the time

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    print("ready", flush=True)
    while True:
        if sys.stdin in select.select([listener, sys.stdin], [], [])[0]:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                answer(connection, awscli.clidriver.main)
            finally:
                os._exit(0)
        connection.close()


def leave_with(connection):
    connection.recv(1)  # nothing comes: whoever asked has gone
    os._exit(1)


def answer(connection, main):
    stream = connection.makefile("rwb")
    call = json.loads(stream.readline())
    threading.Thread(target=leave_with, args=(connection,), daemon=True).start()
    data = os.environ["AWS_DATA_PATH"]  # the command set it when it was loaded
    os.environ.clear()
    os.environ.update(call["environ"], AWS_DATA_PATH=data)
    os.chdir(call["dir"])
    sys.argv = ["aws", *call["args"]]
    outputs = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for to, output in enumerate(outputs, 1):
        os.dup2(output.fileno(), to)
    try:
        code = main()
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else 1
    except BaseException:
        code = 1
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    texts = []
    for output in outputs:
        output.seek(0)
        texts.append(output.read().decode("utf-8", "replace"))
    stream.write(json.dumps({"stdout": texts[0], "stderr": texts[1], "code": code or 0}).encode())
    stream.flush()


try:
    serve(os.environ["SPARTA_AWS_SOCKET"])
finally:
    shutil.rmtree(os.path.dirname(os.environ["SPARTA_AWS_SOCKET"]), ignore_errors=True)
    os._exit(0)
