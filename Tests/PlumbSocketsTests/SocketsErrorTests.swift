import SystemPackage
import Testing

@testable import PlumbSockets

@Suite("Errors") struct SocketsErrorTests {
    @Test(
        "one sentence: what failed, on what, why",
        arguments: [
            (
                SocketsError(.system, "listen on", ":80", errno: .permissionDenied),
                "cannot listen on :80: Permission denied"
            ),
            (
                SocketsError(.system, "listen on", ":80", errno: .permissionDenied, reason: "try another port"),
                "cannot listen on :80: try another port"
            ),
            (SocketsError(.limit, "send", ""), "cannot send: limit"),
        ])
    func sentence(_ error: SocketsError, _ sentence: String) {
        #expect(error.description == sentence)
        #expect("\(error)" == sentence)
    }

    @Test("each code is another one, with a name")
    func codes() {
        let codes: [SocketsError.Code] = [.system, .invalidAddress, .unknownHost, .addressInUse, .limit]
        #expect(Set(codes).count == codes.count)
        #expect(codes.map(\.description) == ["system", "invalidAddress", "unknownHost", "addressInUse", "limit"])
    }
}
