public import CPlumb

// Groups to join and leave. Each has a text: `239.1.2.3`, with an interface `239.1.2.3%eth0`, with a source
// `10.0.0.1@239.1.2.3%eth0`.

/// A membership in an IPv4 group (`struct ip_mreqn`).
public struct IPv4Membership: Hashable, Sendable {
    /// The group.
    public var group: IPv4Address
    /// The interface's index; 0 leaves the choice to the routes.
    public var interface: Int

    /// Describes a membership.
    public init(group: IPv4Address, interface: Int = 0) {
        self.group = group
        self.interface = interface
    }
}

/// A membership in an IPv4 group for what one host sends (`struct ip_mreq_source`).
public struct IPv4SourceMembership: Hashable, Sendable {
    /// The group.
    public var group: IPv4Address
    /// The sender.
    public var source: IPv4Address
    /// An address of the interface; ``IPv4Address/any`` leaves the choice to the routes.
    public var interface: IPv4Address

    /// Describes a membership.
    public init(group: IPv4Address, source: IPv4Address, interface: IPv4Address = .any) {
        self.group = group
        self.source = source
        self.interface = interface
    }
}

/// An IPv6 address on an interface: a membership in a group or of an anycast address (`struct ipv6_mreq`), or an own
/// address to send from (`struct in6_pktinfo`).
public struct IPv6InterfaceAddress: Hashable, Sendable {
    /// The address.
    public var address: IPv6Address
    /// The interface's index; 0 leaves the choice to the routes.
    public var interface: Int

    /// Describes an address on an interface.
    public init(_ address: IPv6Address, interface: Int = 0) {
        self.address = address
        self.interface = interface
    }
}

/// A membership in a group of either family (`struct group_req`).
public struct GroupMembership: Hashable, Sendable {
    /// The group; the port is not looked at.
    public var group: SocketAddress
    /// The interface's index; 0 leaves the choice to the routes.
    public var interface: Int

    /// Describes a membership.
    public init(group: SocketAddress, interface: Int = 0) {
        self.group = group
        self.interface = interface
    }
}

/// A membership in a group of either family for what one host sends (`struct group_source_req`).
public struct GroupSourceMembership: Hashable, Sendable {
    /// The group; the port is not looked at.
    public var group: SocketAddress
    /// The sender; the port is not looked at.
    public var source: SocketAddress
    /// The interface's index; 0 leaves the choice to the routes.
    public var interface: Int

    /// Describes a membership.
    public init(group: SocketAddress, source: SocketAddress, interface: Int = 0) {
        self.group = group
        self.source = source
        self.interface = interface
    }
}

// MARK: Text

/// A group with what may stand before and after it.
private struct GroupText {
    var source: Substring?
    var address: Substring
    var zone: Substring?

    /// Takes `source@address%zone` apart.
    init(_ text: String) {
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            source = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        if let percent = rest.firstIndex(of: "%") {
            zone = rest[rest.index(after: percent)...]
            rest = rest[..<percent]
        }
        address = rest
    }

    /// The interface's index, 0 without one; `nil` when it is not known.
    var interface: Int? { zone.map { interfaceIndex($0).map { Int($0) } } ?? .some(0) }

    static func print(_ address: some CustomStringConvertible, interface: Int) -> String {
        interface == 0 ? "\(address)" : "\(address)%\(interfaceName(UInt32(truncatingIfNeeded: interface)))"
    }
}

extension SocketAddress {
    fileprivate init?(host text: Substring) {
        if let address = IPv4Address(text) {
            self = .ipv4(address, port: 0)
        } else if let address = IPv6Address(text) {
            self = .ipv6(address, port: 0)
        } else {
            return nil
        }
    }

    fileprivate var host: String {
        switch storage {
        case .ipv4(let address, _): "\(address)"
        case .ipv6(let address, _, _): "\(address)"
        default: description
        }
    }
}

// MARK: Codecs

/// ``IPv4Membership``, as a `struct ip_mreqn`.
public enum IPv4MembershipCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// As the text above.
    public static var expectation: String? {
        "a group such as 239.1.2.3 or 239.1.2.3%eth0"
    }
    /// Nothing.
    public static var emptyForm: plumb_ip_mreqn { plumb_ip_mreqn() }
    /// The group and the interface.
    public static func value(ofForm form: plumb_ip_mreqn) -> IPv4Membership {
        IPv4Membership(group: IPv4Address(rawValue: UInt32(bigEndian: form.group)), interface: Int(form.interface))
    }
    /// The group and the interface.
    public static func form(of value: IPv4Membership) -> plumb_ip_mreqn {
        plumb_ip_mreqn(group: value.group.rawValue.bigEndian, address: 0, interface: CInt(clamping: value.interface))
    }
    /// A text.
    public static func optionValue(_ value: IPv4Membership) -> OptionValue {
        .text(GroupText.print(value.group, interface: value.interface))
    }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> IPv4Membership? {
        guard case .text(let text) = optionValue else { return nil }
        let parts = GroupText(text)
        guard parts.source == nil, let group = IPv4Address(parts.address), let interface = parts.interface else {
            return nil
        }
        return IPv4Membership(group: group, interface: interface)
    }
}

/// ``IPv4SourceMembership``, as a `struct ip_mreq_source`.
public enum IPv4SourceMembershipCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// As the text above.
    public static var expectation: String? {
        "a sender and a group such as 10.0.0.1@232.1.2.3, with an own address 10.0.0.1@232.1.2.3%10.0.0.2"
    }
    /// Nothing.
    public static var emptyForm: plumb_ip_mreq_source { plumb_ip_mreq_source() }
    /// The three addresses.
    public static func value(ofForm form: plumb_ip_mreq_source) -> IPv4SourceMembership {
        IPv4SourceMembership(
            group: IPv4Address(rawValue: UInt32(bigEndian: form.group)),
            source: IPv4Address(rawValue: UInt32(bigEndian: form.source)),
            interface: IPv4Address(rawValue: UInt32(bigEndian: form.interface)))
    }
    /// The three addresses.
    public static func form(of value: IPv4SourceMembership) -> plumb_ip_mreq_source {
        plumb_ip_mreq_source(
            group: value.group.rawValue.bigEndian, interface: value.interface.rawValue.bigEndian,
            source: value.source.rawValue.bigEndian)
    }
    /// A text, with the interface's address where an index would stand.
    public static func optionValue(_ value: IPv4SourceMembership) -> OptionValue {
        .text("\(value.source)@\(value.group)" + (value.interface == .any ? "" : "%\(value.interface)"))
    }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> IPv4SourceMembership? {
        guard case .text(let text) = optionValue else { return nil }
        let parts = GroupText(text)
        guard let source = parts.source.flatMap({ IPv4Address($0) }), let group = IPv4Address(parts.address),
            let interface = parts.zone.map({ IPv4Address($0) }) ?? .some(.any)
        else { return nil }
        return IPv4SourceMembership(group: group, source: source, interface: interface)
    }
}

/// ``IPv6InterfaceAddress``, as a `struct ipv6_mreq`.
public enum IPv6InterfaceAddressCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// As the text above.
    public static var expectation: String? {
        "an address such as ff02::1:2 or ff02::1:2%eth0"
    }
    /// Nothing.
    public static var emptyForm: plumb_ipv6_mreq { plumb_ipv6_mreq() }
    /// The address and the interface.
    public static func value(ofForm form: plumb_ipv6_mreq) -> IPv6InterfaceAddress {
        IPv6InterfaceAddress(IPv6Address(words: form.address), interface: Int(form.interface))
    }
    /// The address and the interface.
    public static func form(of value: IPv6InterfaceAddress) -> plumb_ipv6_mreq {
        plumb_ipv6_mreq(address: value.address.words, interface: CInt(clamping: value.interface))
    }
    /// A text.
    public static func optionValue(_ value: IPv6InterfaceAddress) -> OptionValue {
        .text(GroupText.print(value.address, interface: value.interface))
    }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> IPv6InterfaceAddress? {
        guard case .text(let text) = optionValue else { return nil }
        let parts = GroupText(text)
        guard parts.source == nil, let address = IPv6Address(parts.address), let interface = parts.interface else {
            return nil
        }
        return IPv6InterfaceAddress(address, interface: interface)
    }
}

/// ``GroupMembership``, as a `struct group_req`.
public enum GroupMembershipCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// As the text above.
    public static var expectation: String? {
        "a group such as 239.1.2.3%eth0 or ff02::1:2%eth0"
    }
    /// Nothing.
    public static var emptyForm: plumb_group_req { plumb_group_req() }
    /// The group and the interface.
    public static func value(ofForm form: plumb_group_req) -> GroupMembership {
        GroupMembership(
            group: SocketAddress(form.group, length: MemoryLayout<sockaddr_storage>.size) ?? .unnamed,
            interface: Int(form.interface))
    }
    /// The group and the interface.
    public static func form(of value: GroupMembership) -> plumb_group_req {
        plumb_group_req(interface: UInt32(clamping: value.interface), group: value.group.kernelForm)
    }
    /// A text.
    public static func optionValue(_ value: GroupMembership) -> OptionValue {
        .text(GroupText.print(value.group.host, interface: value.interface))
    }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> GroupMembership? {
        guard case .text(let text) = optionValue else { return nil }
        let parts = GroupText(text)
        guard parts.source == nil, let group = SocketAddress(host: parts.address), let interface = parts.interface
        else { return nil }
        return GroupMembership(group: group, interface: interface)
    }
}

/// ``GroupSourceMembership``, as a `struct group_source_req`.
public enum GroupSourceMembershipCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// As the text above.
    public static var expectation: String? {
        "a sender and a group such as 10.0.0.1@232.1.2.3%eth0"
    }
    /// Nothing.
    public static var emptyForm: plumb_group_source_req { plumb_group_source_req() }
    /// The group, the source and the interface.
    public static func value(ofForm form: plumb_group_source_req) -> GroupSourceMembership {
        GroupSourceMembership(
            group: SocketAddress(form.group, length: MemoryLayout<sockaddr_storage>.size) ?? .unnamed,
            source: SocketAddress(form.source, length: MemoryLayout<sockaddr_storage>.size) ?? .unnamed,
            interface: Int(form.interface))
    }
    /// The group, the source and the interface.
    public static func form(of value: GroupSourceMembership) -> plumb_group_source_req {
        plumb_group_source_req(
            interface: UInt32(clamping: value.interface), group: value.group.kernelForm, source: value.source.kernelForm
        )
    }
    /// A text.
    public static func optionValue(_ value: GroupSourceMembership) -> OptionValue {
        .text("\(value.source.host)@" + GroupText.print(value.group.host, interface: value.interface))
    }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> GroupSourceMembership? {
        guard case .text(let text) = optionValue else { return nil }
        let parts = GroupText(text)
        guard let source = parts.source.flatMap({ SocketAddress(host: $0) }),
            let group = SocketAddress(host: parts.address), let interface = parts.interface
        else { return nil }
        return GroupSourceMembership(group: group, source: source, interface: interface)
    }
}
