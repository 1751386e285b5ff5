/// The name under which a program knows one of the listeners that it inherits (`LISTEN_FDNAMES`).
///
/// The rules are those of sd_listen_fds_with_names(3): at most 255 printable ASCII characters, none of them a colon,
/// which separates the names. The empty name is one.
public struct ListenerName: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    /// The most characters of a name.
    public static var longest: Int { 255 }

    /// The name of a listener that was given none, as sd_listen_fds_with_names(3) calls it.
    public static var unknown: ListenerName { ListenerName(valid: "unknown") }

    /// The name.
    public let description: String

    /// Checks a name; `nil` when a character is not allowed, or there are too many.
    public init?(_ text: String) {
        guard text.utf8.count <= ListenerName.longest, text.utf8.allSatisfy(ListenerName.isAllowed) else { return nil }
        self.init(valid: text)
    }

    private init(valid text: String) { description = text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (UInt8(ascii: " ")...UInt8(ascii: "~")).contains(byte) && byte != UInt8(ascii: ":")
    }
}
