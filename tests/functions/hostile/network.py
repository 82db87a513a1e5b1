"""Attacks on the network: reaching what others listen on, being somebody else, and protocols beyond TCP and UDP."""

import os
import socket
import struct
import time

from attack import Aim, add, attack, connect, reaches

LOOPBACK = "127.0.0.1"


@attack("connects to a listener of the host", control=True)
def connects_to_the_host(aim: Aim):
    return connect(socket.AF_INET, socket.SOCK_STREAM, (LOOPBACK, aim.tcp))


@attack("connects to it by version 6", control=True)
def connects_to_the_host_by_version_6(aim: Aim):
    return connect(socket.AF_INET6, socket.SOCK_STREAM, (f"::ffff:{LOOPBACK}", aim.tcp))


@attack("connects to it by another address of the loopback")
def connects_to_another_loopback_address(aim: Aim):
    return connect(socket.AF_INET, socket.SOCK_STREAM, ("127.9.9.9", aim.tcp))


@attack("connects to it by the unspecified address", control=True)
def connects_to_the_unspecified_address(aim: Aim):
    return connect(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", aim.tcp))


@attack("connects to a listener of the host that has no file", control=True)
def connects_to_an_abstract_listener(aim: Aim):
    return connect(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{aim.abstract}")


@attack("connects to a listener of the host that has a file", control=True)
def connects_to_a_listener_with_a_file(aim: Aim):
    return connect(socket.AF_UNIX, socket.SOCK_STREAM, aim.socket)


@attack("connects to the AWS API where the host's clients do")
def finds_another_way_to_the_api(aim: Aim):
    """The port is the same inside, and there it is the environment's own endpoint, which listens at one address."""
    return connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.2", aim.api))


@attack("finds a listener on loopback besides Runtime API and AWS endpoint", control=True)
def scans_loopback(aim: Aim):
    expected = {int(os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)[1])}
    expected.add(int(os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]))
    found = []
    for port in (*range(1, 10_000), aim.tcp, aim.api):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0 and probe.getsockname() != probe.getpeername():
                found.append(port)
    return [port for port in found if port not in expected]


ADDRESSES = {
    "the metadata service": "169.254.169.254",
    "the daemon of X-Ray": "169.254.79.129",
    "a private network": "10.0.0.1",
    "another private network": "172.17.0.1",
    "a home network": "192.168.1.1",
    "a public address": "192.0.2.1",
}
for _what, _address in ADDRESSES.items():
    add(
        f"has a way to {_what}",
        f"finds a route to {_address}",
        # Connecting a datagram socket sends nothing.
        lambda aim, address=_address: connect_only(socket.AF_INET, address),
    )


def connect_only(family: int, address: str) -> bool:
    """Whether there is a route, found out without a packet."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return True


@attack("has a way to an address of version 6")
def has_a_way_by_version_6(aim: Aim):
    return connect_only(socket.AF_INET6, "2001:db8::1")


@attack("sends a datagram to a listener of the host", control=True)
def sends_a_datagram(aim: Aim):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1)
        sender.connect((LOOPBACK, aim.udp))
        sender.send(b"attacker")
        # An error comes back when nobody listens, and an echo when somebody does.
        return sender.recv(100)


@attack("calls to everybody on the network")
def broadcasts(aim: Aim):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return sender.sendto(b"x", ("255.255.255.255", 9)) > 0


@attack("sees a network interface that is not loopback")
def sees_interfaces(aim: Aim):
    # Some kernels put these, switched off, into every network.
    useless = ("lo", "tunl", "sit", "ip", "gre", "erspan", "teql")
    return [name for _, name in socket.if_nameindex() if not name.startswith(useless)]


@attack("sees connections of others", control=True)
def sees_connections(aim: Aim):
    with open("/proc/net/tcp") as file:
        return [line for line in file.readlines() if f"0100007F:{aim.tcp:04X}" in line]


@attack("sees listeners of others that have no address", control=True)
def sees_unix_sockets(aim: Aim):
    with open("/proc/net/unix") as file:
        return [line for line in file.read().splitlines() if aim.abstract in line]


FAMILIES = {"packet": 17, "vsock": 40, "kernel cryptography": 38, "XDP": 44, "Bluetooth": 31, "CAN": 29, "TIPC": 30,
            "RDS": 21, "LLC": 26, "AX.25": 3, "IPX": 4, "AppleTalk": 5, "NFC": 39, "KCM": 41, "SMC": 43, "key": 15,
            "phonet": 35, "PPP": 24, "RxRPC": 33, "QIPCRTR": 42}  # fmt: skip
for _what, _family in FAMILIES.items():
    add(
        f"opens a {_what} socket",
        f"asks for a socket of the address family {_family}",
        lambda aim, family=_family: opens(family, socket.SOCK_DGRAM, 0),
    )
PROTOCOLS = {"SCTP": (5, 132), "MPTCP": (1, 262), "DCCP": (6, 33), "UDP-Lite": (2, 136), "ICMP": (2, 1),
             "raw ICMP": (3, 1), "raw": (3, 255), "L2TP": (2, 115), "IGMP": (3, 2)}  # fmt: skip
for _what, (_kind, _protocol) in PROTOCOLS.items():
    add(
        f"speaks {_what}",
        f"asks for a socket of the internet protocol {_protocol}",
        lambda aim, kind=_kind, protocol=_protocol: opens(socket.AF_INET, kind, protocol),
        control=_what in ("raw ICMP", "raw", "IGMP"),
    )
NETLINK = {"device events": 15, "audit": 9, "connections of processes": 11, "sockets": 4, "filters": 12,
           "keys of IPsec": 6, "generic": 16, "cryptography": 21, "SELinux": 7, "iSCSI": 8}  # fmt: skip
for _what, _protocol in NETLINK.items():
    add(
        f"asks the kernel for {_what}",
        f"asks for a netlink socket of the protocol {_protocol}",
        lambda aim, protocol=_protocol: opens(socket.AF_NETLINK, socket.SOCK_RAW, protocol),
        control=_what in ("device events", "generic"),
    )


def opens(family: int, kind: int, protocol: int) -> bool:
    """Whether there is such a socket."""
    with socket.socket(family, kind, protocol):
        return True


@attack("listens to device events of the host", control=True)
def hears_device_events(aim: Aim):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15) as listener:
        listener.bind((0, 1))
        return True


@attack("adds a network interface")
def adds_an_interface(aim: Aim):
    header = struct.pack("=IHHII", 32, 16, 0x605, 1, 0)
    message = header + struct.pack("=BxHiII", 0, 0, 0, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        route.settimeout(3)
        route.send(message)
        answer = route.recv(4096)
    (number,) = struct.unpack_from("=i", answer, 16)
    if number:
        raise OSError(-number, "netlink")
    return True


@attack("puts an address on loopback")
def adds_an_address(aim: Aim):
    address = struct.pack("=HH4s", 8, 2, socket.inet_aton("10.9.8.7"))
    body = struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, 1) + address
    message = struct.pack("=IHHII", 16 + len(body), 20, 0x605, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        route.settimeout(3)
        route.send(message)
        (number,) = struct.unpack_from("=i", route.recv(4096), 16)
    if number:
        raise OSError(-number, "netlink")
    return True


@attack("enters the host's network through a namespace of another process", control=True)
def enters_another_network(aim: Aim):
    with open(f"/proc/{aim.bystander}/ns/net") as namespace:
        return reaches(308, namespace.fileno(), 0)


@attack("binds a socket to a device")
def binds_to_a_device(aim: Aim):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, 25, b"eth0\0")
        return True


@attack("pretends to be another address")
def binds_a_foreign_address(aim: Aim):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_IP, 19, 1)
        probe.bind(("192.0.2.77", 0))
        return True


@attack("raises the priority of its packets above others'", control=True)
def raises_the_priority_of_packets(aim: Aim):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 7)
        return True


@attack("makes socket buffers larger than the host allows", control=True)
def forces_socket_buffers(aim: Aim):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, 32, 1 << 28)
        return True


@attack("keeps the Runtime API from the runtime by taking all connections for itself")
def fills_the_queue_of_the_runtime_api(aim: Aim):
    """Its own is all that it can fill; the neighbours' answers are looked at outside."""
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
    clients = []
    try:
        for _ in range(900):
            client = socket.socket()
            client.settimeout(0.2)
            clients.append(client)
            client.connect((host, int(port)))
            client.send(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nX-Slow: ")
    except TimeoutError:
        pass
    time.sleep(0.2)
    for client in clients:
        client.close()
    return False
