"""Keeps the tests off the network: whoever forgets to stub a call hears of it at once."""

import ipaddress
import socket

LOCAL_NAMES = {None, "", "localhost", socket.gethostname()}


class NetworkRefused(Exception):
    """A test tried to reach another machine. No OSError, which the code under test may catch."""

    def __init__(self, host):
        super().__init__(f"Tests run offline, and {host} is another machine: stub this call.")


def is_local(host) -> bool:
    """Whether the host is this machine itself."""
    host = host.decode() if isinstance(host, bytes) else host
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except (AttributeError, ValueError):
        return host in LOCAL_NAMES
    return address.is_loopback or address.is_unspecified


def refuse_network() -> None:
    """From now on, this process reaches only itself and its neighbours on this machine."""
    for name in ["connect", "connect_ex"]:
        setattr(socket.socket, name, _guarded_connect(getattr(socket.socket, name)))
    for name in ["getaddrinfo", "gethostbyname", "gethostbyname_ex"]:
        setattr(socket, name, _guarded_lookup(getattr(socket, name)))


def _guarded_connect(connect):
    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            raise NetworkRefused(address[0])
        return connect(self, address)

    return guarded


def _guarded_lookup(look_up):
    def guarded(host, *args, **kwargs):
        if not is_local(host):
            raise NetworkRefused(host)
        return look_up(host, *args, **kwargs)

    return guarded
