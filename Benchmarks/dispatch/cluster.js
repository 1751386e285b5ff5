// Node's cluster, round robin: its primary accepts and passes connections to its workers, as `plumb serve` does.
//
//   node cluster.js PORT WORKERS
'use strict';
const cluster = require('cluster');
const http = require('http');

const [port, workers] = process.argv.slice(2).map(Number);
const body = 'ok\n';

if (cluster.isPrimary) {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    for (let i = 0; i < workers; i++) cluster.fork();
    process.on('SIGTERM', () => {
        for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
        process.exit(0);
    });
} else {
    http.createServer((request, response) => {
        response.writeHead(200, {
            'Content-Type': 'text/plain', 'Content-Length': body.length, 'Connection': 'close',
        });
        response.end(body);
    }).listen(port, '127.0.0.1');
}
