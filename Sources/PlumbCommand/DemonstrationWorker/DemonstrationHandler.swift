import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import PlumbNIO
import PlumbSockets

/// What a worker has served, over all its connections.
final class RequestCounts: Sendable {
    private let counts = NIOLockedValueBox((connections: 0, requests: 0))

    func countConnection() { counts.withLockedValue { $0.connections += 1 } }
    func countRequest() { counts.withLockedValue { $0.requests += 1 } }
    var now: (connections: Int, requests: Int) { counts.withLockedValue { $0 } }
}

/// Answers the demonstration worker's four requests on one connection.
///
/// A request is answered before the next one of its connection is looked at (HTTP/1.1 pipelining).
final class DemonstrationHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let worker: Int
    private let generation: Int
    private let counts: RequestCounts
    private var request: HTTPRequestHead?
    private var isDraining = false
    private var requestsHere = 0

    static func configure(
        _ channel: any Channel, worker: Int, generation: Int, counts: RequestCounts
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            counts.countConnection()
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(DemonstrationHandler(worker: worker, generation: generation, counts: counts))
        }
    }

    init(worker: Int, generation: Int, counts: RequestCounts) {
        self.worker = worker
        self.generation = generation
        self.counts = counts
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = head
        case .body:
            break
        case .end:
            guard let head = request else { return }
            counts.countRequest()
            requestsHere += 1
            answer(head, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is NIOWorker.ShouldDrainEvent {
            isDraining = true
            if request == nil { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Answers

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let (path, query) = split(head.uri)
        switch (head.method, path) {
        case (.GET, "/health"), (.HEAD, "/health"):
            respond(head, .ok, "text/plain", Self.healthy, context)
        case (.GET, "/"), (.HEAD, "/"):
            respond(head, .ok, "application/json", description(context), context)
        case (.GET, "/slow"):
            let milliseconds = query["ms"].flatMap(Int64.init) ?? 1000
            let delay = TimeAmount.milliseconds(min(max(milliseconds, 0), 600_000))
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                guard context.channel.isActive else { return }
                self.respond(head, .ok, "text/plain", ByteBuffer(string: "answered after \(milliseconds) ms\n"), context)
            }
        case (.POST, "/crash"):
            let empty: [Int] = []
            respond(head, .ok, "text/plain", ByteBuffer(string: "\(empty[head.uri.count])"), context)
        case (_, "/"), (_, "/health"), (_, "/slow"), (_, "/crash"):
            respond(head, .methodNotAllowed, "text/plain", ByteBuffer(string: "not with \(head.method)\n"), context)
        default:
            let paths = "GET /, GET /health, GET /slow?ms=N or POST /crash"
            respond(head, .notFound, "text/plain", ByteBuffer(string: "there is nothing here; try \(paths)\n"), context)
        }
    }

    private static let healthy = ByteBuffer(string: "ok\n")

    private func respond(
        _ head: HTTPRequestHead, _ status: HTTPResponseStatus, _ type: String, _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        let keepsAlive = head.isKeepAlive && !isDraining
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: type)
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        if !keepsAlive {
            headers.add(name: "Connection", value: "close")
        } else if head.version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        request = nil
        let responseHead = HTTPResponseHead(version: head.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(responseHead)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        if keepsAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        }
    }

    private func split(_ uri: String) -> (path: String, query: [String: String]) {
        let components = URLComponents(string: uri)
        let items = components?.queryItems ?? []
        return (components?.path ?? uri, Dictionary(items.map { ($0.name, $0.value ?? "") }) { $1 })
    }

    // MARK: GET /

    private struct Description: Encodable {
        let worker: Int
        let pid: Int32
        let generation: Int
        let connections: Int
        let requests: Int
        let requestsOnThisConnection: Int
        let socket: SocketFacts?
    }

    private func description(_ context: ChannelHandlerContext) -> ByteBuffer {
        let (connections, requests) = counts.now
        let socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { unsafe SocketFacts(BorrowedDescriptor(unsafeRawValue: $0)) }
        let description = Description(
            worker: worker, pid: ProcessInfo.processInfo.processIdentifier, generation: generation,
            connections: connections, requests: requests, requestsOnThisConnection: requestsHere, socket: socket)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        guard let data = try? encoder.encode(description) else { return ByteBuffer(string: "{}") }
        return ByteBuffer(bytes: data + [UInt8(ascii: "\n")])
    }
}

/// This connection as the kernel has it: its addresses and every option of the catalogue that it has.
private struct SocketFacts: Encodable {
    let local: String
    let peer: String
    let options: [String: Int]

    init(_ socket: BorrowedDescriptor) {
        local = (try? socket.localAddress())?.description ?? "?"
        peer = (try? socket.peerAddress())?.description ?? "?"
        var options: [String: Int] = [:]
        for option in OptionDescription.catalogue {
            if let value = option.value(of: socket) { options[option.name] = value }
        }
        self.options = options
    }
}
