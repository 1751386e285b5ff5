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
/// A request is answered before the next one of its connection is looked at (HTTP/1.1 pipelining). That takes a line or
/// two here, and NIO's general handlers for it and for header validation take a tenth of a short connection's time.
final class DemonstrationHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let worker: Int
    private let generation: Int
    private let counts: RequestCounts
    /// The request being received or answered.
    private var request: HTTPRequestHead?
    /// Requests that came while one was being answered, oldest first.
    private var waiting: [HTTPRequestHead] = []
    private var isAnswering = false
    private var isDraining = false
    private var requestsHere = 0

    static func configure(
        _ channel: any Channel, worker: Int, generation: Int, counts: RequestCounts
    ) -> EventLoopFuture<Void> {
        counts.countConnection()
        let pipeline = channel.pipeline.syncOperations
        do {
            try pipeline.addHandler(HTTPResponseEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
            try pipeline.addHandler(DemonstrationHandler(worker: worker, generation: generation, counts: counts))
            return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
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
            if isAnswering { waiting.append(head) } else { request = head }
        case .body:
            break
        case .end:
            if !isAnswering { answerNext(context) }
        }
    }

    private func answerNext(_ context: ChannelHandlerContext) {
        guard let head = request else { return }
        isAnswering = true
        counts.countRequest()
        requestsHere += 1
        answer(head, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is NIOWorker.ShouldDrainEvent {
            isDraining = true
            if request == nil { closeIdle(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// How long a connection that was established before the stop may take to bring its first request, which waits in
    /// the kernel's buffer or is on its way.
    private static let firstRequestGrace = TimeAmount.seconds(1)

    /// Closes a connection that is between two requests, and one that has had none after a moment.
    private func closeIdle(_ context: ChannelHandlerContext) {
        if requestsHere > 0 { return context.close(promise: nil) }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.firstRequestGrace) {
            if self.request == nil && context.channel.isActive { context.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isAnswering else { return context.close(promise: nil) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "", headers: ["Connection": "close"])
        respond(head, .badRequest, "text/plain", ByteBuffer(string: "this is not HTTP/1.1\n"), context)
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
            // A client that sends on meanwhile waits in the kernel's buffer, not in this process.
            setAutoRead(false, context)
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                guard context.channel.isActive else { return }
                self.setAutoRead(true, context)
                self.respond(
                    head, .ok, "text/plain", ByteBuffer(string: "answered after \(milliseconds) ms\n"), context)
                while !self.isAnswering, !self.waiting.isEmpty {
                    self.request = self.waiting.removeFirst()
                    self.answerNext(context)
                }
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
            isAnswering = false
        } else {
            isAnswering = true
            // Short answers are written at once; what does not fit is written before the channel closes its output.
            let written = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
    }

    private func setAutoRead(_ autoRead: Bool, _ context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: autoRead)
    }

    private func split(_ uri: String) -> (path: String, query: [String: String]) {
        guard uri.utf8.contains(UInt8(ascii: "?")) else { return (uri, [:]) }
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
    let options: [String: OptionValue]

    init(_ socket: BorrowedDescriptor) {
        local = (try? socket.localAddress())?.description ?? "?"
        peer = (try? socket.peerAddress())?.description ?? "?"
        var options: [String: OptionValue] = [:]
        let kind = (try? SocketKinds(of: socket)) ?? []
        for option in OptionDescription.catalogue
        where option.sockets.isSuperset(of: kind) && !option.isClearedByReading && option.kind != .bytes {
            if let value = try? option.read(from: socket) { options[option.name] = value }
        }
        self.options = options
    }
}
