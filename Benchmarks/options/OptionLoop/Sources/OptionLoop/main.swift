// Sets or gets an option COUNT times, as loop.c does: see run.py.
//
//   OptionLoop set-integer|get-integer|set-flag|get-flag COUNT

import PlumbSockets

@inline(never)
func setInteger(_ socket: borrowing Descriptor, _ count: Int) throws -> Int {
    for index in 0..<count { try socket.set(.keepAliveCount, to: 1 + index & 63) }
    return 0
}

@inline(never)
func getInteger(_ socket: borrowing Descriptor, _ count: Int) throws -> Int {
    var sum = 0
    for _ in 0..<count { sum &+= try socket.get(.keepAliveCount) }
    return sum
}

@inline(never)
func setFlag(_ socket: borrowing Descriptor, _ count: Int) throws -> Int {
    for index in 0..<count { try socket.set(.noDelay, to: index & 1 == 0) }
    return 0
}

@inline(never)
func getFlag(_ socket: borrowing Descriptor, _ count: Int) throws -> Int {
    var sum = 0
    for _ in 0..<count where try socket.get(.noDelay) { sum &+= 1 }
    return sum
}

let loops: [String: (borrowing Descriptor, Int) throws -> Int] = [
    "set-integer": setInteger, "get-integer": getInteger, "set-flag": setFlag, "get-flag": getFlag,
]
let arguments = CommandLine.arguments
guard arguments.count == 3, let loop = loops[arguments[1]], let count = Int(arguments[2]) else {
    fatalError("usage: OptionLoop \(loops.keys.sorted().joined(separator: "|")) COUNT")
}
let socket = try Descriptor.socket(family: SocketAddress.ipv4(.any, port: 0).family, type: .stream)
print(try loop(socket, count))
