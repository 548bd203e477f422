#!/usr/bin/env python3
"""Clients of the deploy test, by Debian's python3-websockets.

clients.py talk URL TOKEN TOKEN    the users of two tokens write to each other
clients.py last URL TOKEN WITH     prints the last message that the token's user has with another one
clients.py stay URL TOKEN FILE     stays connected, and appends to FILE what it sees: welcome, then how it ends
clients.py knock URL FILE          asks URL again and again; on SIGTERM writes to FILE how often, and how often it was refused
"""
import asyncio, json, signal, sys, time, urllib.request, uuid

import websockets


async def registered(url, token):
    socket = await websockets.connect(url)
    await socket.send(json.dumps({"type": "system", "v": 2, "token": token}))
    welcome = json.loads(await socket.recv())
    if welcome["type"] != "welcome":
        raise SystemExit(f"not welcome: {welcome}")
    return socket, welcome


async def next_of(socket, kind):
    async with asyncio.timeout(10):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == kind:
                return frame


async def talk(url, first, second):
    one, me = await registered(url, first)
    other, them = await registered(url, second)
    for sender, receiver, to, text in ((one, other, them["id"], "are you there?"), (other, one, me["id"], "yes")):
        cid = uuid.uuid4().hex
        await sender.send(json.dumps({"type": "user", "to_id": to, "message": text, "cid": cid}))
        assert (await next_of(receiver, "usermsg"))["message"] == text
        assert (await next_of(sender, "ack"))["cid"] == cid
    print(f"{me['name']} ({me['id']}) and {them['name']} ({them['id']}) have talked")
    await one.close()
    await other.close()


async def last(url, token, other):
    socket, _ = await registered(url, token)
    await socket.send(json.dumps({"type": "history", "with": other, "limit": 1}))
    print((await next_of(socket, "history"))["messages"][-1]["message"])
    await socket.close()


async def stay(url, token, file):
    socket, _ = await registered(url, token)
    with open(file, "a", buffering=1) as seen:
        print("welcome", file=seen)
        try:
            async for text in socket:
                print(json.loads(text)["type"], file=seen)
        except websockets.ConnectionClosed:
            pass
        print("closed", socket.close_code, file=seen)


def knock(url, file):
    over = []
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    asked = refused = 0
    while not over:
        asked += 1
        try:
            urllib.request.urlopen(url, timeout=30).read()
        except OSError:
            refused += 1
        time.sleep(0.02)
    with open(file, "w") as result:
        print(asked, refused, file=result)


command, *rest = sys.argv[1:]
if command == "knock":
    knock(*rest)
else:
    asyncio.run({"talk": talk, "last": last, "stay": stay}[command](*rest))
