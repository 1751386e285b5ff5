import NIOCore
import PlumbSockets

/// What can be set on a ``ConnectionChannel``.
struct ConnectionOptions {
    var autoRead = true
    var allowsRemoteHalfClosure = false
    var messagesPerRead = 4
    var waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 64 * 1024)
    var receiveAllocator: any RecvByteBufferAllocator = AdaptiveRecvByteBufferAllocator()
}

extension ConnectionChannel {
    /// The channel's options on its own thread.
    struct SynchronousOptions: NIOSynchronousChannelOptions {
        let channel: ConnectionChannel

        func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
            try channel.set(option, value)
        }

        func getOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
            try channel.get(option)
        }
    }

    func set<Option: ChannelOption>(_ option: Option, _ value: Option.Value) throws {
        loop.assertInEventLoop()
        guard isActive else { throw ChannelError.ioOnClosedChannel }
        switch (option, value) {
        case (_ as ChannelOptions.Types.AutoReadOption, let value as Bool):
            let wasOn = options.autoRead
            options.autoRead = value
            if value && !wasOn { readAgain() }
        case (_ as ChannelOptions.Types.AllowRemoteHalfClosureOption, let value as Bool):
            options.allowsRemoteHalfClosure = value
        case (_ as ChannelOptions.Types.MaxMessagesPerReadOption, let value as UInt):
            options.messagesPerRead = max(Int(clamping: value), 1)
        case (_ as ChannelOptions.Types.WriteBufferWaterMarkOption, let value):
            guard let value = value as? ChannelOptions.Types.WriteBufferWaterMark else { break }
            options.waterMark = value
        case (_ as ChannelOptions.Types.RecvAllocatorOption, let value):
            guard let value = value as? any RecvByteBufferAllocator else { break }
            options.receiveAllocator = value
        case (let option as ChannelOptions.Types.SocketOption, let value as SocketOptionValue):
            try view.set(PlumbSockets.SocketOption<IntegerCodec>(option), to: Int(value))
        default:
            throw ChannelError.operationUnsupported
        }
    }

    func get<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
        loop.assertInEventLoop()
        guard isActive else { throw ChannelError.ioOnClosedChannel }
        let value: Any =
            switch option {
            case _ as ChannelOptions.Types.AutoReadOption: options.autoRead
            case _ as ChannelOptions.Types.AllowRemoteHalfClosureOption: options.allowsRemoteHalfClosure
            case _ as ChannelOptions.Types.MaxMessagesPerReadOption: UInt(options.messagesPerRead)
            case _ as ChannelOptions.Types.WriteBufferWaterMarkOption: options.waterMark
            case _ as ChannelOptions.Types.RecvAllocatorOption: options.receiveAllocator
            case _ as ChannelOptions.Types.AllocatorOption: allocator
            case _ as ChannelOptions.Types.BufferedWritableBytesOption: pendingWrites.bytes
            case let option as ChannelOptions.Types.SocketOption:
                SocketOptionValue(truncatingIfNeeded: try view.get(PlumbSockets.SocketOption<IntegerCodec>(option)))
            default: throw ChannelError.operationUnsupported
            }
        guard let value = value as? Option.Value else { throw ChannelError.operationUnsupported }
        return value
    }
}

extension PlumbSockets.SocketOption where Codec == IntegerCodec {
    fileprivate init(_ option: ChannelOptions.Types.SocketOption) {
        self.init(level: option.optionLevel.rawValue, number: option.optionName.rawValue)
    }
}
