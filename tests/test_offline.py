import socket

import pytest

from tests.offline import NetworkRefused, is_local


def test_another_machine_is_out_of_reach():
    with socket.socket() as sock, pytest.raises(NetworkRefused, match=r"192\.0\.2\.1 is another machine: stub"):
        sock.connect(("192.0.2.1", 80))


def test_another_machine_is_out_of_reach_over_ipv6():
    with socket.socket(socket.AF_INET6) as sock, pytest.raises(NetworkRefused):
        sock.connect_ex(("2001:db8::1", 80))


def test_the_name_of_another_machine_is_not_looked_up():
    with pytest.raises(NetworkRefused, match=r"kommun\.example is another machine"):
        socket.create_connection(("kommun.example", 443), timeout=1)


def test_this_machine_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", b"localhost", None])
def test_local_hosts(host):
    assert is_local(host) is True


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "localhost.example", b"kommun.example"])
def test_foreign_hosts(host):
    assert is_local(host) is False
