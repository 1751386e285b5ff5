import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// The worker that is built in, as its clients see it.
@Suite
struct DemonstrationWorkerTests {
    private func withClient(_ body: (Client, Server) throws -> Void) throws {
        try withServer(["--workers", "1"]) { server in try body(try Client(try server.address), server) }
    }

    @Test func description() throws {
        try withClient { client, server in
            _ = try client.get("/health")
            let response = try client.get("/")
            #expect(response.status == 200 && response.version == "HTTP/1.1")
            #expect(response.headers["content-type"] == "application/json")
            let object = try response.object()
            #expect(object["worker"] as? Int == 1 && object["generation"] as? Int == 1)
            #expect(object["pid"] as? Int == Int(try server.pid(ofWorker: 1)))
            #expect(object["connections"] as? Int == 1 && object["requests"] as? Int == 2)
            #expect(object["requestsOnThisConnection"] as? Int == 2)
            let socket = try #require(object["socket"] as? [String: Any])
            #expect(socket["local"] as? String == "\(try server.address)")
            #expect(socket["peer"] as? String == "127.0.0.1:\(client.port)")
            let options = try #require(socket["options"] as? [String: Any])
            #expect(options["TCP_NODELAY"] as? Bool != nil && options["SO_RCVBUF"] as? Int ?? 0 > 0)
        }
    }

    @Test("What a worker cannot report, because its master has stopped, does not keep it from serving")
    func stoppedMaster() throws {
        try withServer(["--workers", "1"]) { server in
            // More reports than the channel holds.
            var others = try (0..<400).map { _ in
                let client = try Client(try server.address)
                #expect(try client.get("/health").status == 200)
                return client
            }
            let client = try Client(try server.address)
            #expect(try client.get("/health").status == 200)
            server.process.signal(SIGSTOP)
            defer { server.process.signal(SIGCONT) }
            try waitUntil("the stop") { ProcessTable.state(server.pid) == "T" }
            while others.popLast() != nil {
                // Longer than reports wait for company.
                #expect(try client.get("/slow?ms=2").status == 200)
            }
            server.process.signal(SIGCONT)
            let totals = try server.waitForStatus("everything reported") { $0.totals.finished == 400 }.totals
            #expect(totals.taken == 401 && totals.lost == 0)
        }
    }

    @Test func health() throws {
        try withClient { client, _ in
            let response = try client.get("/health")
            #expect(response.status == 200 && response.body == "ok\n")
            #expect(response.headers["content-length"] == "3" && response.headers["connection"] == nil)
        }
    }

    @Test func headHasNoBody() throws {
        try withClient { client, _ in
            try client.request("HEAD", "/health")
            let head = try client.readResponse(hasBody: false)
            #expect(head.status == 200 && head.headers["content-length"] == "3")
            #expect(try client.get("/health").body == "ok\n", "the next response begins where this one ended")
        }
    }

    @Test(arguments: [
        ("GET", "/nothing", 404), ("GET", "/crash", 405), ("POST", "/", 405), ("DELETE", "/health", 405),
        ("POST", "/slow", 405),
    ])
    func refusals(method: String, path: String, status: Int) throws {
        try withClient { client, _ in
            try client.request(method, path, "Content-Length: 0")
            #expect(try client.readResponse().status == status)
            #expect(try client.get("/health").status == 200, "the connection lives on")
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        try withClient { client, _ in
            let targets = ["/slow?ms=200", "/health", "/nothing", "/slow?ms=0", "/health"]
            try client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
            let responses = try targets.map { _ in try client.readResponse() }
            #expect(responses.map(\.status) == [200, 200, 404, 200, 200])
            #expect(responses[0].body == "answered after 200 ms\n" && responses[3].body == "answered after 0 ms\n")
        }
    }

    @Test func connectionClose() throws {
        try withClient { client, _ in
            try client.request("GET", "/health", "Connection: close")
            let response = try client.readResponse()
            #expect(response.body == "ok\n" && response.headers["connection"] == "close")
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test func oldHTTP() throws {
        try withClient { client, server in
            try client.request("GET", "/health", version: "1.0", "Connection: keep-alive")
            let kept = try client.readResponse()
            #expect(kept.body == "ok\n" && kept.headers["connection"]?.lowercased() == "keep-alive")
            try client.request("GET", "/health", version: "1.0")
            #expect(try client.readResponse().body == "ok\n")
            #expect(try client.readToEnd().isEmpty, "without keep-alive, one request is all")
        }
    }

    @Test(arguments: ["garbage\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
    func malformedRequest(text: String) throws {
        try withClient { client, server in
            let pid = try server.pid(ofWorker: 1)
            try client.send(text)
            #expect(try client.readResponse().status == 400)
            #expect(try client.readToEnd().isEmpty)
            #expect(try get("/health", from: try server.address).status == 200)
            #expect(try server.pid(ofWorker: 1) == pid, "the worker lives")
        }
    }

    /// A client that leaves in the middle costs nothing.
    @Test func clientsThatLeave() throws {
        try withClient { client, server in
            let address = try server.address
            try Client(address).send("GET / HT")
            try Client(address).request("GET", "/slow?ms=100")
            _ = try Client(address)
            #expect(try client.get("/health").status == 200)
            let status = try server.waitForStatus("their ends") { $0.totals.accepted == 4 && $0.totals.finished == 3 }
            #expect(status.workers[0].live == 1 && status.workers[0].restarts == 0)
        }
    }

    /// With the runtime's backtraces off, which take seconds.
    @Test func crash() throws {
        try withServer(["--workers", "1"], environment: ["SWIFT_BACKTRACE": "enable=no"]) { server in
            let address = try server.address
            let pid = try server.pid(ofWorker: 1)
            let client = try Client(address)
            try client.request("POST", "/crash")
            #expect(throws: ClientFailure.self) { try client.readResponse() }
            let next = try get("/", from: address)
            #expect(try next.integer("pid") != Int(pid) && next.integer("worker") == 1)
            let status = try server.waitUntilQuiet()
            #expect(status.workers[0].lastEnd?.hasPrefix("was killed by SIG") ?? false)
            #expect(status.totals.endedWithWorker == 1 && status.totals.lost == 0)
        }
    }
}
