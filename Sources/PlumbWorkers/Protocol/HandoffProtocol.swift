/// Constants of the hand-off protocol: Documentation/handoff-protocol.md says what they mean.
public enum HandoffProtocol {
    /// The version that this package speaks, in every message.
    public static let version: UInt8 = 1
    /// The length of every message in bytes.
    public static let messageSize = 24
    /// The most descriptors that the master attaches to one message.
    public static let batchLimit = 64
    /// The environment variable with the number of the channel's descriptor.
    public static let channelVariable = "PLUMB_CHANNEL"
    /// The environment variable with the worker's number.
    public static let workerVariable = "PLUMB_WORKER"
    /// The environment variable with the worker's generation.
    public static let generationVariable = "PLUMB_GENERATION"
}

/// The 24 bytes of a message, as fields.
struct HandoffMessage: Equatable {
    /// What a message says.
    enum Kind: UInt8 {
        case welcome = 1
        case connections = 2
        case listeners = 3
        case drain = 4
        case ready = 65
        case progress = 66
        case refused = 67
    }

    var type: UInt8
    var version = HandoffProtocol.version
    var count: UInt16 = 0
    var argument: UInt32 = 0
    var first: UInt64 = 0
    var second: UInt64 = 0

    init(_ kind: Kind, count: Int = 0, argument: UInt32 = 0, first: UInt64 = 0, second: UInt64 = 0) {
        type = kind.rawValue
        self.count = UInt16(count)
        self.argument = argument
        self.first = first
        self.second = second
    }

    /// Reads a message; `nil` when `bytes` has another length.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount == HandoffProtocol.messageSize else { return nil }
        unsafe type = bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        unsafe version = bytes.unsafeLoad(fromByteOffset: 1, as: UInt8.self)
        unsafe count = UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt16.self))
        unsafe argument = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 4, as: UInt32.self))
        unsafe first = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self))
        unsafe second = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }

    var kind: Kind? { Kind(rawValue: type) }

    /// The bytes as three words in memory order, which `withBytes` shows as they go over the channel.
    var words: InlineArray<3, UInt64> {
        let head = UInt64(type) | UInt64(version) << 8 | UInt64(count) << 16 | UInt64(argument) << 32
        return [head.littleEndian, first.littleEndian, second.littleEndian]
    }
}

/// A message from a worker, after its form was checked.
enum WorkerMessage: Equatable {
    case ready
    case progress(taken: UInt64, finished: UInt64)
    case refused(sequence: UInt64, reason: UInt32)
}

/// How a worker broke the protocol.
public enum ProtocolViolation: String, Sendable, Codable {
    /// A message of another length than 24 bytes.
    case length
    /// A message whose type no worker may send.
    case type
    /// A message of another protocol version.
    case version
    /// Descriptors attached where none may be.
    case descriptors
    /// READY twice, or anything before READY.
    case order
    /// *Taken* beyond what was sent, or a count that shrinks, or *finished* beyond *taken*.
    case counts
    /// REFUSED of a connection that the worker does not have untaken.
    case refusal
}

extension WorkerMessage {
    /// Reads what a worker sent, as hostile input.
    static func parse(_ bytes: RawSpan, hasDescriptors: Bool) -> Result<WorkerMessage, Violation> {
        if hasDescriptors { return .failure(Violation(.descriptors)) }
        guard let message = HandoffMessage(bytes) else { return .failure(Violation(.length)) }
        guard message.version == HandoffProtocol.version else { return .failure(Violation(.version)) }
        switch message.kind {
        case .ready: return .success(.ready)
        case .progress: return .success(.progress(taken: message.first, finished: message.second))
        case .refused: return .success(.refused(sequence: message.first, reason: message.argument))
        case .welcome, .connections, .listeners, .drain, nil: return .failure(Violation(.type))
        }
    }

    /// A violation as an error, for `Result`.
    struct Violation: Error, Equatable {
        let kind: ProtocolViolation
        init(_ kind: ProtocolViolation) { self.kind = kind }
    }
}
