<?php
// A router of Klatch's plain dialect around socket_select, as the original of 2015 was: what Klatch is compared with.
// php server.php [PORT]    Port 0, the default, takes a free one. Prints the address once it accepts connections.
// select(2) ends at 1,024 descriptors, and so do the connections that this can have.
declare(strict_types=1);

const PING_INTERVAL_S = 25;
const LARGEST_FRAME = 128 * 1024;
const MOST_WAITING = 1024 * 1024;
const READ_SIZE = 64 * 1024;
const LISTEN_QUEUE = 511;
const ACKNOWLEDGEMENT = '{"type":"system","message":"Initial message received"}';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, section 1.3

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

final class Connection
{
    public string $in = '';
    public string $out = '';
    public bool $upgraded = false;
    public bool $closing = false;
    public bool $alive = true;
    public ?string $project = null;
    public ?string $user = null;
    public string $name = '';

    public function __construct(public readonly Socket $socket)
    {
    }
}

/** A whole frame of a server (section 5.2). */
function frame(int $opcode, string $payload): string
{
    $size = strlen($payload);
    if ($size < 126) return pack('CC', 0x80 | $opcode, $size) . $payload;
    if ($size < 65536) return pack('CCn', 0x80 | $opcode, 126, $size) . $payload;
    return pack('CCJ', 0x80 | $opcode, 127, $size) . $payload;
}

final class Server
{
    /** @var array<int, Connection> by their sockets' ids */
    private array $connections = [];
    /** @var array<int, Socket> all that is selected for reading, and for writing */
    private array $readable = [];
    private array $writable = [];
    /** @var array<string, array<string, array<int, Connection>>> devices by user by project */
    private array $projects = [];
    private Socket $listener;
    private float $next_ping;

    public function __construct(int $port)
    {
        $this->listener = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
        socket_set_option($this->listener, SOL_SOCKET, SO_REUSEADDR, 1);
        if (!socket_bind($this->listener, '127.0.0.1', $port) || !socket_listen($this->listener, LISTEN_QUEUE)) exit(1);
        socket_set_nonblock($this->listener);
        $this->readable[spl_object_id($this->listener)] = $this->listener;
        $this->next_ping = microtime(true) + PING_INTERVAL_S;
    }

    public function port(): int
    {
        socket_getsockname($this->listener, $address, $port);
        return $port;
    }

    public function run(): never
    {
        for (;;) {
            $read = $this->readable;
            $write = $this->writable;
            $except = null;
            $wait = max($this->next_ping - microtime(true), 0);
            if (@socket_select($read, $write, $except, (int) $wait, (int) (fmod($wait, 1) * 1e6)) === false) continue;
            foreach ($read as $id => $socket) {
                if ($socket === $this->listener) $this->accept();
                elseif (isset($this->connections[$id])) $this->receive($this->connections[$id]);
            }
            foreach ($write as $id => $socket) {
                if (isset($this->connections[$id])) $this->flush($this->connections[$id]);
            }
            if (microtime(true) >= $this->next_ping) $this->ping_all();
        }
    }

    private function accept(): void
    {
        while ($socket = @socket_accept($this->listener)) {
            socket_set_nonblock($socket);
            socket_set_option($socket, SOL_TCP, TCP_NODELAY, 1);
            $this->connections[spl_object_id($socket)] = new Connection($socket);
            $this->readable[spl_object_id($socket)] = $socket;
        }
    }

    private function receive(Connection $self): void
    {
        $data = @socket_read($self->socket, READ_SIZE);
        if ($data === false && socket_last_error($self->socket) === SOCKET_EAGAIN) return;
        if ($data === false || $data === '') {
            $this->drop($self);
            return;
        }
        $self->in .= $data;
        if (!$self->upgraded && !$this->upgrade($self)) return;
        $this->take_frames($self);
    }

    private function upgrade(Connection $self): bool
    {
        $end = strpos($self->in, "\r\n\r\n");
        if ($end === false) return false;
        if (!preg_match('/^Sec-WebSocket-Key:\s*(\S+)/mi', substr($self->in, 0, $end + 2), $found)) {
            $this->drop($self);
            return false;
        }
        $self->in = substr($self->in, $end + 4);
        $self->upgraded = true;
        $this->write($self, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" .
            'Sec-WebSocket-Accept: ' . base64_encode(sha1($found[1] . GUID, true)) . "\r\n\r\n");
        return true;
    }

    private function take_frames(Connection $self): void
    {
        $in = $self->in;
        $at = 0;
        $available = strlen($in);
        while ($available - $at >= 6 && !$self->closing) {
            $size = ord($in[$at + 1]) & 0x7f;
            $header = 2;
            if ($size === 126) {
                $size = unpack('n', $in, $at + 2)[1];
                $header = 4;
            } elseif ($size === 127) {
                if ($available - $at < 14) break;
                $size = unpack('J', $in, $at + 2)[1];
                $header = 10;
            }
            if ($size > LARGEST_FRAME) {
                $this->drop($self);
                return;
            }
            if ($available - $at < $header + 4 + $size) break;
            $key = substr($in, $at + $header, 4);
            $payload = substr($in, $at + $header + 4, $size) ^ str_repeat($key, ($size >> 2) + 1);
            $opcode = ord($in[$at]) & 0x0f;
            $at += $header + 4 + $size;
            $this->take_frame($self, $opcode, $payload);
        }
        $self->in = $at === $available ? '' : substr($in, $at);
    }

    private function take_frame(Connection $self, int $opcode, string $payload): void
    {
        switch ($opcode) {
            case TEXT:
                $this->take_text($self, $payload);
                break;
            case PING:
                $this->write($self, frame(PONG, $payload));
                break;
            case PONG:
                $self->alive = true;
                break;
            case CLOSE:
                $self->closing = true;
                $this->write($self, frame(CLOSE, substr($payload, 0, 2)));
                break;
        }
    }

    private function take_text(Connection $self, string $text): void
    {
        $command = json_decode($text, true);
        if (!is_array($command)) {
            $this->fail($self, 'bad_json', 'Not JSON');
            return;
        }
        switch ($command['type'] ?? null) {
            case 'system':
                $this->register($self, $command);
                break;
            case 'user':
                $this->route($self, $command);
                break;
            default:
                $this->fail($self, 'unknown_type', 'Unknown type');
        }
    }

    private function register(Connection $self, array $command): void
    {
        $this->unregister($self);
        $self->project = (string) $command['projectId'];
        $self->user = (string) $command['id'];
        $self->name = $command['name'];
        $this->projects[$self->project][$self->user][spl_object_id($self->socket)] = $self;
        $this->write($self, frame(TEXT, ACKNOWLEDGEMENT));
    }

    private function unregister(Connection $self): void
    {
        if ($self->project === null) return;
        unset($this->projects[$self->project][$self->user][spl_object_id($self->socket)]);
        if (!$this->projects[$self->project][$self->user]) unset($this->projects[$self->project][$self->user]);
        if (!$this->projects[$self->project]) unset($this->projects[$self->project]);
        $self->project = null;
    }

    private function route(Connection $self, array $command): void
    {
        if ($self->project === null) {
            $this->fail($self, 'not_registered', 'Register first');
            return;
        }
        $to = (string) $command['to_id'];
        $devices = $this->projects[$self->project][$to] ?? null;
        if (!$devices) {
            $this->fail($self, 'not_connected', "$to is not connected");
            return;
        }
        $text = frame(TEXT, json_encode(['type' => 'usermsg', 'name' => $self->name, 'message' => $command['message'],
            'color' => $command['color'] ?? null, 'from' => $self->user, 'to' => $to], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES));
        foreach ($devices as $device) $this->write($device, $text);
    }

    private function fail(Connection $self, string $error, string $message): void
    {
        $this->write($self, frame(TEXT, json_encode(['type' => 'system', 'message' => $message, 'error' => $error])));
    }

    /** Hands over at once what the system takes; the rest waits, within a bound. */
    private function write(Connection $self, string $data): void
    {
        if (!isset($this->connections[spl_object_id($self->socket)])) return;
        $waits = $self->out !== '';
        $self->out .= $data;
        if (!$waits) $this->flush($self);
        elseif (strlen($self->out) > MOST_WAITING) $this->drop($self);
    }

    private function flush(Connection $self): void
    {
        $id = spl_object_id($self->socket);
        $written = @socket_write($self->socket, $self->out);
        if ($written === false && socket_last_error($self->socket) !== SOCKET_EAGAIN) {
            $this->drop($self);
            return;
        }
        $self->out = substr($self->out, (int) $written);
        if ($self->out !== '') {
            $this->writable[$id] = $self->socket;
            return;
        }
        unset($this->writable[$id]);
        if ($self->closing) $this->drop($self);
    }

    private function drop(Connection $self): void
    {
        $id = spl_object_id($self->socket);
        if (!isset($this->connections[$id])) return;
        $this->unregister($self);
        unset($this->connections[$id], $this->readable[$id], $this->writable[$id]);
        socket_close($self->socket);
    }

    /** Who has not answered the last ping is gone. */
    private function ping_all(): void
    {
        $this->next_ping += PING_INTERVAL_S;
        foreach ($this->connections as $each) {
            if (!$each->alive) {
                $this->drop($each);
                continue;
            }
            $each->alive = false;
            if ($each->upgraded) $this->write($each, frame(PING, ''));
        }
    }
}

pcntl_async_signals(true);
pcntl_signal(SIGTERM, fn () => exit(0));
ini_set('memory_limit', '-1');
$server = new Server((int) ($argv[1] ?? 0));
echo "listening on http://127.0.0.1:{$server->port()}/\n";
$server->run();
