import CPlumb
import Foundation
import PlumbDiagnostics
import SystemPackage
import Testing

@testable import PlumbSockets

/// A TCP socket in a state, and what keeps it there.
final class Scene: Sendable {
    /// The ports of the socket in question, its own first; 0 for a listener's peer.
    let port: UInt16
    let peer: UInt16
    private let kept: [Box]
    private let connection: Connection?

    private init(_ port: UInt16, _ peer: UInt16, kept: [Box]) {
        (self.port, self.peer) = (port, peer)
        self.kept = kept
        connection = nil
    }

    private init(_ port: UInt16, _ peer: UInt16, _ connection: consuming Connection) {
        (self.port, self.peer) = (port, peer)
        kept = []
        self.connection = consume connection
    }

    /// The states that can be made within one host.
    static let states: [SocketState] = [
        .listening, .established, .synSent, .synReceived, .finWait1, .finWait2, .timeWait, .closeWait,
        .lastAcknowledgement, .closing,
    ]

    /// Makes a socket that is in `state`, and waits until it is.
    static func make(_ state: SocketState, over host: SocketAddress = .ipv4(.loopback, port: 0)) throws -> Scene {
        let scene =
            switch state {
            case .listening: try listening(host)
            case .synSent: try synSent(host)
            case .synReceived: try synReceived(host)
            default: try connection(host, state)
            }
        try waitForState(scene.port, scene.peer, state)
        return scene
    }

    private static func listening(_ host: SocketAddress) throws -> Scene {
        let listener = try Listener(on: host, backlog: 5)
        return Scene(listener.address.port ?? 0, 0, kept: [Box(try listener.descriptor.duplicate())])
    }

    /// A backlog that is full drops further SYNs.
    private static func synSent(_ host: SocketAddress) throws -> Scene {
        let listener = try Listener(on: host, backlog: 0)
        let first = Box(try connected(to: listener.address))
        let second = Box(try Descriptor.socket(family: host.family, type: .stream, nonBlocking: true))
        let port = try startConnecting(second.descriptor, to: listener.address)
        return Scene(
            port, listener.address.port ?? 0, kept: [first, second, Box(try listener.descriptor.duplicate())])
    }

    /// The handshake's last acknowledgement is ignored until data comes.
    private static func synReceived(_ host: SocketAddress) throws -> Scene {
        let listener = try Listener(on: host)
        try deferAccept(listener.descriptor)
        let client = Box(try connected(to: listener.address))
        return Scene(
            listener.address.port ?? 0, try PlumbDiagnosticsTests.port(client.descriptor),
            kept: [client, Box(try listener.descriptor.duplicate())])
    }

    private static func connection(_ host: SocketAddress, _ state: SocketState) throws -> Scene {
        let connection = try Connection(over: host)
        let (client, server) = (try connection.clientPort, try connection.serverPort)
        try bring(connection, to: state, client, server)
        return Scene(client, server, connection)
    }

    /// Brings the client's end of a connection to a state.
    private static func bring(
        _ connection: borrowing Connection, to state: SocketState, _ client: UInt16, _ server: UInt16
    ) throws {
        switch state {
        case .established:
            try send("hello", over: connection.client)
            try waitUntil("the acknowledgement") { try TCPInfo(of: connection.client.borrowed).unacknowledged == 0 }
            try PlumbDiagnosticsTests.read(connection.server)
        case .finWait1:
            // The FIN stands behind data that the peer's window has no room for.
            try fill(connection.client)
            try shutDown(connection.client, Int32(SHUT_WR))
        case .finWait2:
            try shutDown(connection.client, Int32(SHUT_WR))
        case .timeWait:
            try shutDown(connection.client, Int32(SHUT_WR))
            try waitForState(server, client, .closeWait)
            try shutDown(connection.server, Int32(SHUT_WR))
        case .closeWait:
            try shutDown(connection.server, Int32(SHUT_WR))
        case .lastAcknowledgement:
            try shutDown(connection.server, Int32(SHUT_WR))
            try waitForState(client, server, .closeWait)
            try fill(connection.client)
            try shutDown(connection.client, Int32(SHUT_WR))
        case .closing:
            try fill(connection.client)
            try shutDown(connection.client, Int32(SHUT_WR))
            try waitForState(client, server, .finWait1)
            try shutDown(connection.server, Int32(SHUT_WR))
        default:
            throw NothingThere()
        }
    }
}

private func startConnecting(_ socket: borrowing Descriptor, to address: SocketAddress) throws -> UInt16 {
    #expect(throws: Errno.nowInProgress) { try socket.borrowed.connect(to: address) }
    return try port(socket)
}

private func deferAccept(_ listener: borrowing Descriptor) throws {
    var seconds: CInt = 60
    let size = socklen_t(MemoryLayout<CInt>.size)
    unsafe try #require(setsockopt(listener.rawValue, PLUMB_IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, size) == 0)
}
