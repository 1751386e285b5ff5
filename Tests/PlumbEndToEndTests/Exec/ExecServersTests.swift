import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// Servers as their authors made them, run by `plumb exec` as Documentation/run-any-server.md says.
@Suite(.enabled(if: Machine.curl != nil, Machine.curlReason))
struct ExecServersTests {
    /// What is written in the configurations: where it listens, and the directory.
    private struct Stage {
        let directory: TemporaryDirectory
        let address: SocketAddress

        func write(_ name: String, _ text: String) throws -> String {
            let path = directory.file(name)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            return path
        }
    }

    /// Runs a server, gets its page with curl, stops it, and finds the address free.
    private func expectPage(
        _ page: String, flags: [String] = [], backlog: Int? = nil, address: SocketAddress = Machine.quietAddress(),
        command: (Stage) throws -> [String]
    ) throws {
        // A server that gives up its privileges looks into it.
        let stage = Stage(directory: try TemporaryDirectory(mode: 0o755), address: address)
        let words = try command(stage)
        try withExecuted(flags + ["--listen", "\(address)"], words, in: stage.directory) { executed in
            _ = try executed.addresses()
            let answer = try curl(address, in: stage.directory)
            #expect(answer == page, "\(executed.process.errors)")
            // It has the listener that it was given, and made none of its own.
            #expect(executed.process.exitStatus == nil, "the process is the server")
            try executed.stop()
        }
        _ = try Listener(on: address)
    }

    // MARK: systemd's convention

    @Test(.enabled(if: Machine.find("gunicorn") != nil, "there is no gunicorn in PATH"))
    func gunicorn() throws {
        try expectPage("from WSGI\n") { stage in
            _ = try stage.write(
                "app.py",
                """
                def application(environment, start):
                    start("200 OK", [("Content-Type", "text/plain")])
                    return [b"from WSGI\\n"]
                """)
            return [
                try #require(Machine.find("gunicorn")), "--workers", "2", "--chdir", stage.directory.path,
                "app:application",
            ]
        }
    }

    @Test(.enabled(if: Machine.find("uvicorn") != nil, "there is no uvicorn in PATH"))
    func uvicorn() throws {
        try expectPage("from ASGI\n") { stage in
            _ = try stage.write(
                "app.py",
                """
                async def application(scope, receive, send):
                    await send({"type": "http.response.start", "status": 200, "headers": []})
                    await send({"type": "http.response.body", "body": b"from ASGI\\n"})
                """)
            return [
                try #require(Machine.find("uvicorn")), "--app-dir", stage.directory.path, "--lifespan", "off", "--fd",
                "3", "app:application",
            ]
        }
    }

    @Test(.enabled(if: Machine.find("haproxy") != nil, "there is no haproxy in PATH"))
    func haproxy() throws {
        try expectPage("from haproxy\n") { stage in
            let file = try stage.write(
                "haproxy.cfg",
                """
                defaults
                    mode http
                    timeout client 30s
                    timeout server 30s
                    timeout connect 30s
                frontend all
                    bind fd@3
                    http-request return status 200 content-type text/plain string "from haproxy\\n"

                """)
            return [try #require(Machine.find("haproxy")), "-db", "-f", file]
        }
    }

    @Test(.enabled(if: Machine.find("lighttpd") != nil, "there is no lighttpd in PATH"))
    func lighttpd() throws {
        try expectPage("from lighttpd\n") { stage in
            _ = try stage.write("index.html", "from lighttpd\n")
            let parts = "\(stage.address)".split(separator: ":")
            let file = try stage.write(
                "lighttpd.conf",
                """
                server.document-root = "\(stage.directory.path)"
                server.bind = "\(parts[0])"
                server.port = \(parts[1])
                server.systemd-socket-activation = "enable"
                index-file.names = ("index.html")

                """)
            return [try #require(Machine.find("lighttpd")), "-D", "-f", file]
        }
    }

    // MARK: Conventions of their own

    /// With two workers that accept until nothing waits: one that waited in accept(2) instead would serve nobody.
    @Test(
        .enabled(if: Machine.find("nginx") != nil, "there is no nginx in PATH"), arguments: ["", "unix:"])
    func nginx(prefix: String) throws {
        let directory = try TemporaryDirectory(mode: 0o755)
        let path = try #require(SocketAddress("unix:\(directory.file("nginx.sock"))"))
        let address = prefix.isEmpty ? Machine.quietAddress() : path
        try expectPage("from nginx\n", flags: ["--convention", "nginx"], address: address) { stage in
            let file = try stage.write(
                "nginx.conf",
                """
                daemon off;
                pid \(stage.directory.path)/nginx.pid;
                worker_processes 2;
                events { multi_accept on; }
                http {
                    access_log off;
                    client_body_temp_path \(stage.directory.path)/body;
                    proxy_temp_path \(stage.directory.path)/proxy;
                    fastcgi_temp_path \(stage.directory.path)/fastcgi;
                    uwsgi_temp_path \(stage.directory.path)/uwsgi;
                    scgi_temp_path \(stage.directory.path)/scgi;
                    server {
                        listen \(stage.address);
                        return 200 "from nginx\\n";
                    }
                }

                """)
            return [try #require(Machine.find("nginx")), "-e", "stderr", "-p", stage.directory.path, "-c", file]
        }
    }

    @Test(.enabled(if: Machine.find("h2o") != nil, "there is no h2o in PATH"))
    func h2o() throws {
        try expectPage("from h2o\n", flags: ["--convention", "server-starter"]) { stage in
            _ = try stage.write("index.html", "from h2o\n")
            let parts = "\(stage.address)".split(separator: ":")
            let file = try stage.write(
                "h2o.conf",
                """
                listen:
                  host: \(parts[0])
                  port: \(parts[1])
                num-threads: 1
                hosts:
                  default:
                    paths:
                      /:
                        file.dir: \(stage.directory.path)

                """)
            return [try #require(Machine.find("h2o")), "-c", file]
        }
    }
}
