from consoleproxy.errors import HypervisorRefused, HypervisorTlsFailed


def test_every_fault_on_the_way_to_a_screen_is_4502() -> None:
    kinds: list[type[HypervisorRefused]] = [HypervisorRefused]
    kinds += HypervisorRefused.__subclasses__()
    kinds += HypervisorTlsFailed.__subclasses__()
    assert {kind.close_code for kind in kinds} == {4502}


def test_faults_of_tls_are_told_apart() -> None:
    kinds: list[type[HypervisorTlsFailed]] = [HypervisorTlsFailed]
    kinds += [*HypervisorTlsFailed.__subclasses__()]
    assert len({kind.sentence for kind in kinds}) == len(kinds) == 5
