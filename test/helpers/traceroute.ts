/** Prints who answers to echo requests of a TTL that grows by one; not every machine has traceroute. */
export const traceroute = `
import socket, struct, sys, time
def sum16(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
six = ":" in sys.argv[1]
ask, answer, away, late, skip = (128, 129, 1, 3, 0) if six else (8, 0, 3, 11, 20)
if six:
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
else:
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for ttl in range(1, 9):
    if six:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    head = struct.pack("!BBHHH", ask, 0, 0, 7, ttl)
    raw.sendto(struct.pack("!BBHHH", ask, 0, sum16(head), 7, ttl), (sys.argv[1], 0))
    end = time.monotonic() + 3
    who, kind = "*", None
    while time.monotonic() < end:
        raw.settimeout(max(0.01, end - time.monotonic()))
        try:
            data, (address, *_) = raw.recvfrom(2000)
        except socket.timeout:
            break
        kind = data[skip]
        if kind in (answer, away, late):
            who = address if kind != away else "unreachable by " + address
            break
    print(who)
    if kind in (answer, away):
        break
`;
