"""What a lane's container can do, seen from inside: speak with the mock, and nothing else."""

from collections.abc import Callable, Iterator

import docker
import pytest
from docker.models.containers import Container

from conformance.model.message import Ended
from conformance.runner.container import ContainerSite, ContainerStation

pytestmark = pytest.mark.containers

Does = Callable[..., Ended]
HOST = "oss-cn-hangzhou.aliyuncs.com"

# Prints `open` or the name of what went wrong; perl is in every Debian, however slim.
CONNECT = """perl -MIO::Socket::INET -MErrno -e '
    my $there = IO::Socket::INET->new(PeerAddr => $ENV{ADDRESS}, Proto => "tcp", Timeout => 5);
    if ($there) { print "open"; exit }
    for my $name (keys %!) { if ($!{$name}) { print $name; exit } }
    print "unknown name"' """
LISTEN = """perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die;
    while (my $c = $s->accept) { close $c }' """


def answer(does: Does, address: str) -> str:
    return does(CONNECT, ADDRESS=address).stdout.decode()


@pytest.fixture
def outside(
    engine: docker.DockerClient, opened: tuple[ContainerSite, ContainerStation]
) -> Iterator[Container]:
    """A server on an ordinary network of the same engine, where lanes have no business."""
    labels = opened[0].network._mark.labels
    image = opened[1]._prepared.image or ""
    network = engine.networks.create("oss-bodies-test-outside", labels=labels)
    server = engine.containers.run(
        image, ["sh", "-c", LISTEN], detach=True, network=str(network.name), labels=labels
    )
    yield server
    server.remove(force=True)
    network.remove()


def address_of(server: Container) -> str:
    server.reload()
    (joined,) = server.attrs["NetworkSettings"]["Networks"].values()
    return f"{joined['IPAddress']}:8080"


@pytest.mark.parametrize("name", [HOST, f"examplebucket.{HOST}"])
@pytest.mark.parametrize("port", [443, 80])
def test_a_lane_reaches_the_mock_under_the_real_host_names(
    does: Does, name: str, port: int
) -> None:
    assert answer(does, f"{name}:{port}") == "open"


def test_a_lane_cannot_reach_a_server_outside_its_network(does: Does, outside: Container) -> None:
    address = address_of(outside)
    neighbour = outside.exec_run(["sh", "-c", CONNECT], environment={"ADDRESS": address})
    assert neighbour.output == b"open", "the server itself does not answer"
    assert answer(does, address) in {"ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"}


def test_the_host_does_not_answer_at_the_gateway_of_the_network(
    does: Does, engine: docker.DockerClient, opened: tuple[ContainerSite, ContainerStation]
) -> None:
    """ECONNREFUSED would mean that the host is there and only this port is closed."""
    network = engine.networks.get(opened[0].network._name)
    gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
    assert answer(does, f"{gateway}:9") in {"ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"}


def test_a_lane_has_no_address_of_ipv6_but_its_own_loopback(does: Does) -> None:
    listed = does("cat /proc/net/if_inet6 2>/dev/null; true").stdout.decode().splitlines()
    assert [line for line in listed if not line.endswith(" lo")] == []


def test_no_other_name_is_resolved(does: Does) -> None:
    asked = does("""perl -e 'print defined gethostbyname("example.com") ? "found" : "no"'""")
    assert asked.stdout == b"no"


def test_names_are_not_asked_of_the_machines_own_servers(
    engine: docker.DockerClient, opened: tuple[ContainerSite, ContainerStation]
) -> None:
    made = engine.api.inspect_container(opened[1].channel.container)
    assert made["HostConfig"]["Dns"] == ["127.0.0.1"]


@pytest.mark.parametrize("place", ["/", "/opt/runner/", "/etc/", "/trust/", "/var/tmp/"])
def test_the_file_system_is_read_only(does: Does, place: str) -> None:
    tried = does(f"touch {place}written")
    assert tried.exit != 0
    assert b"Read-only file system" in tried.stderr or b"Permission denied" in tried.stderr


def test_the_root_is_mounted_read_only_not_merely_forbidden(does: Does) -> None:
    options = does("awk '$2 == \"/\" { print $4 }' /proc/mounts || cat /proc/mounts").stdout
    assert options.split(b",")[0].strip() == b"ro"


def test_there_is_a_folder_to_write_to(does: Does) -> None:
    assert does("echo hello > /tmp/written && cat /tmp/written").stdout == b"hello\n"


def test_nothing_that_was_written_can_be_executed(does: Does) -> None:
    tried = does("cp /bin/true /tmp/true && /tmp/true")
    assert (tried.exit, b"Permission denied" in tried.stderr) == (126, True)


def test_a_lane_is_not_root(does: Does) -> None:
    assert does("id -u; id -g").stdout == b"65534\n65534\n"


@pytest.mark.parametrize("name", ["CapEff", "CapPrm", "CapBnd", "CapInh"])
def test_a_lane_has_no_capabilities(does: Does, name: str) -> None:
    told = does(f"grep {name}: /proc/self/status").stdout.split()
    assert int(told[1], 16) == 0


def test_a_lane_cannot_gain_privileges(does: Does) -> None:
    assert does("grep NoNewPrivs: /proc/self/status").stdout.split()[1] == b"1"


def test_a_lane_is_bounded_in_memory_processors_and_processes(
    engine: docker.DockerClient, opened: tuple[ContainerSite, ContainerStation]
) -> None:
    limits = engine.api.inspect_container(opened[1].channel.container)["HostConfig"]
    assert 0 < limits["Memory"] <= 2**30
    assert limits["MemorySwap"] == limits["Memory"]
    assert limits["NanoCpus"] > 0
    assert 0 < limits["PidsLimit"] <= 1024


def test_the_trust_of_the_run_is_there_to_read(does: Does) -> None:
    """Also that the manifest's variables, with {ca} filled in, reach a program run beside."""
    assert does('head -n 1 "$TRUSTED"').stdout == b"-----BEGIN CERTIFICATE-----\n"


def test_a_lane_sees_no_settings_of_the_machine(does: Does) -> None:
    names = {line.split("=")[0] for line in does("env").stdout.decode().splitlines()}
    own = {"HOME", "TZ", "LANG", "PATH", "HOSTNAME", "TRUSTED", "PROBE", "PWD"}
    assert names <= own
