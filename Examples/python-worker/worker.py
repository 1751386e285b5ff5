"""A worker for `plumb serve -- python3 worker.py`: see Documentation/handoff-protocol.md. Standard library only."""
import os, socket, struct, threading

LAYOUT = struct.Struct("<BBHIQQ")  # type, version, count, argument, first, second
CONNECTIONS, DRAIN, READY, PROGRESS, REFUSED = 2, 4, 65, 66, 67
channel = socket.socket(fileno=int(os.environ["PLUMB_CHANNEL"]))
lock, taken, finished, threads = threading.Lock(), 0, 0, set()

def send(type, argument=0, first=0, second=0):
    try: channel.send(LAYOUT.pack(type, 1, 0, argument, first, second))
    except OSError: pass  # The master is gone: finish what we hold.

def serve(connection):
    global finished
    with connection:
        connection.settimeout(30)
        try:
            if connection.recv(65536):
                body = f"Python worker {os.environ['PLUMB_WORKER']}, pid {os.getpid()}\n".encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        except OSError: pass
    with lock:
        finished += 1
        send(PROGRESS, first=taken, second=finished)
        threads.discard(threading.current_thread())

send(READY)
while True:
    data, descriptors, flags, _ = socket.recv_fds(channel, LAYOUT.size, 64, socket.MSG_CMSG_CLOEXEC)
    type, _, count, _, first, _ = LAYOUT.unpack(data) if data else (DRAIN, 0, 0, 0, 0, 0)
    if type == DRAIN: break
    if type != CONNECTIONS: continue
    with lock:
        for missing in range(first + len(descriptors), first + count): send(REFUSED, 24, missing)  # EMFILE
        taken = first + count - 1
        send(PROGRESS, first=taken, second=finished)  # Acknowledge before you read.
    for descriptor in descriptors:
        thread = threading.Thread(target=serve, args=[socket.socket(fileno=descriptor)])
        with lock: threads.add(thread)
        thread.start()
for thread in list(threads): thread.join()
