#include "app/help.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>

#include <algorithm>

#ifndef KLATCH_VERSION
#error "KLATCH_VERSION has to be defined as the version in quotes, as CMakeLists.txt does it"
#endif

namespace klatch::app {

std::string help_text() {
  return R"(Klatch is a chat service: browsers connect to it by WebSocket, it keeps their
messages and passes them on, and it serves a chat page to try it with.

Usage: klatch [OPTION]...                run the service
       klatch [OPTION]... backup FILE    copy the store, also while it is used
       klatch [OPTION]... check          say whether the store is sound

Without options it listens on 127.0.0.1:9001, where only this machine reaches
it: start it and open http://127.0.0.1:9001/ in a browser.

Network:
  --listen ADDR:PORT     Address and port to accept connections on; may be given
                         several times. ADDR is an IPv4 address, an IPv6 address
                         in brackets, or localhost for 127.0.0.1. 0.0.0.0 stands
                         for every IPv4 address of the machine, [::] for every
                         address, IPv6 and IPv4; for IPv6 alone if an IPv4
                         address with the same port is given too. Port 0: the
                         system chooses one.
                         KLATCH_LISTEN         default: 127.0.0.1:9001
  --allow-origin ORIGIN  Site whose pages may connect, as scheme://host[:port],
                         such as https://www.example.com; * for every site. May
                         be given several times. Pages served by klatch itself
                         or from this machine (localhost) always may. Where
                         klatch is reached on a loopback address, the site's
                         host is also a name that it answers to, beside
                         localhost: behind a proxy on the same machine name the
                         site there.
                         KLATCH_ALLOW_ORIGIN   default: none
  --max-per-address N    Most WebSockets from one address at a time, 0 to
                         1000000; 0: no limit. An IPv6 network of 64 bits counts
                         as one address.
                         KLATCH_MAX_PER_ADDRESS   default: 100
  --max-http-per-address N
                         Most other connections from one address at a time, 0 to
                         1000000; 0: no limit. Beyond, the one that has been
                         idle longest makes room.
                         KLATCH_MAX_HTTP_PER_ADDRESS   default: twice
                         --max-per-address
  --max-per-user N       Most devices that a user may be connected with at a
                         time, 0 to 1000000; 0: no limit.
                         KLATCH_MAX_PER_USER   default: 50

Chat:
  --announce WHAT        What others in a project are told when a user leaves:
                         name ("mks disconnected"), ip (the address instead of
                         the name), off (nothing).
                         KLATCH_ANNOUNCE       default: name
  --send-rate N          Messages a second that one connection may keep up, 0 to
                         1000000, in bursts of up to three times that; 0: no
                         limit.
                         KLATCH_SEND_RATE      default: 20
  --byte-rate KIB        KiB of frames a second that one connection may keep up,
                         0 to 1000000, in bursts of up to three times that, and
                         all devices of a user together four times as much; 0:
                         no limit.
                         KLATCH_BYTE_RATE      default: 256
  --web DIR              Folder to serve instead of the built-in chat page; has
                         to contain an index.html. A relative path starts in the
                         working directory.
                         KLATCH_WEB            default: the built-in page

Store:
  --store KIND           sqlite: messages are kept in a file, and who is away
                         gets them later. none: nothing is kept, and messages
                         reach only who is connected.
                         KLATCH_STORE          default: sqlite
  --data DIR             Folder of the store, made where it is not there. One
                         klatch at a time may use it.
                         KLATCH_DATA           default: klatch-data
  --sync HOW             full: a message is acknowledged once it is on the disk.
                         normal: once it is with the operating system; a loss of
                         power may take the last ones.
                         KLATCH_SYNC           default: full
  --retain DAYS          Days that messages are kept, up to 36500; 0: for ever.
                         KLATCH_RETAIN         default: 0
  --min-free MIB         Room that the store leaves on its disk, in MiB, up to
                         1000000: with less, sends are refused until there is
                         more again. 0: it may take all.
                         KLATCH_MIN_FREE       default: 64

Operation:
  --threads N            Worker threads, 1 to 1024. The store has one of its own
                         besides.
                         KLATCH_THREADS        default: one a core but one
  --log-level LEVEL      Least severe messages to log: trace, debug, info, warn,
                         error, or off for none.
                         KLATCH_LOG_LEVEL      default: info
  --config FILE          File to read settings from, see below.
                         KLATCH_CONFIG         default: none
  --buffer-memory MIB    MiB that the buffers of all connections may hold at a
                         time, in and out, 0 to 1000000; beyond, those that hold
                         most are closed. 0: no limit.
                         KLATCH_BUFFER_MEMORY  default: an eighth of the memory
  --version              Print the version and exit.
  -h, --help             Print this text and exit.

Settings can stand in three places. The command line goes before the
environment, the environment before the file, for each setting as a whole: one
--listen replaces the whole list of the file. Values are checked even where they
are replaced.

Environment: the KLATCH_ names above. KLATCH_LISTEN and KLATCH_ALLOW_ORIGIN take
several values, separated by commas or spaces. An empty variable counts as not
set.

File: in TOML, without sections. Every option but --config, --version and --help
is a key, without the dashes in front:

  # klatch.toml
  listen = ["127.0.0.1:9001", "[::1]:9001"]
  allow-origin = ["https://www.example.com", "https://chat.example.com"]
  announce = "off"
  send-rate = 20        # messages a second
  max-per-address = 0

A public site behind a reverse proxy, which ends TLS and passes requests on,
WebSocket upgrades included, to 127.0.0.1:9001:

  klatch --listen 127.0.0.1:9001 --max-per-address 0 \
         --allow-origin https://www.example.com

The proxy has to pass on the Host that browsers send (nginx: proxy_set_header
Host $http_host). Behind it all visitors come from the address of the proxy, so
that a limit for each address would be one for all of them together: hence 0.
Limit connections in the proxy there.

Output: one line on standard output, with the address to open in a browser, once
connections are accepted; the log goes to standard error. Neither has to be
read: what nobody takes is dropped, and the log says how much.

Signals: SIGTERM, SIGINT and SIGHUP stop klatch (SIGHUP does not where it was
started with it ignored, as nohup does). It accepts no more connections and
closes each one with WebSocket code 1001 once what is queued for it has been
sent, but waits no longer than 5 seconds.

Exit status:
  0  stopped by a signal, or --help or --version
  1  failed while running; the reason is on standard error. check: the store is
     damaged, or could not be read
  2  could not start: a setting is wrong, a file or the store cannot be opened,
     or an address is in use; one line on standard error says which
)";
}

std::string version_line() {
  std::string boost{BOOST_LIB_VERSION};
  std::replace(boost.begin(), boost.end(), '_', '.');
  return "klatch " KLATCH_VERSION " (CAF " + std::to_string(CAF_MAJOR_VERSION) + '.' +
         std::to_string(CAF_MINOR_VERSION) + '.' + std::to_string(CAF_PATCH_VERSION) + ", Boost " +
         boost + ")\n";
}

} // namespace klatch::app
