import Testing

@testable import PlumbSockets

@Suite("Names of listeners") struct ListenerNameTests {
    @Test(
        "printable ASCII without a colon, at most 255 characters, also none",
        arguments: ["", "http", "web server", "~!/\\\"'", "unknown", String(repeating: "x", count: 255)])
    func valid(_ text: String) {
        #expect(ListenerName(text)?.description == text)
    }

    @Test(
        "what sd_listen_fds_with_names(3) does not take is no name",
        arguments: [
            "a:b", ":", "tab\t", "line\n", "\u{1}", "delete\u{7f}", "ä", "é", "\0", String(repeating: "x", count: 256),
        ])
    func invalid(_ text: String) {
        #expect(ListenerName(text) == nil)
    }

    @Test("the name of what has none") func unknown() {
        #expect(ListenerName.unknown == ListenerName("unknown"))
    }
}
